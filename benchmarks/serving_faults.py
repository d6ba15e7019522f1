"""The local server under load, with one malformed request in five.

    python benchmarks/serving_faults.py [--requests=10000] [--threads=8]

Good requests go to tiny models and to three published ones, over REST and
gRPC, and every answer is compared with what it must be. Malformed ones are
broken JSON, wrong shapes, types, names and labels, huge bodies, broken
pictures, and connections that are cut. Exit code 1 when an answer is wrong,
a mistake is answered by anything but the code of a mistake (5xx above all),
or memory grows: the server's after the first fifth against its end.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).resolve().parents[1]
# In place of this folder, whose serving.py is not the package of the tests.
sys.path[:1] = [str(ROOT), str(ROOT / "tests")]

# Megabytes that the server may grow by after its warm-up: allocators keep
# some of what they have met; it is 1.5 kB for each request.
GROWTH = 12


def memory(process):
    """Resident memory of a process in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main():
    from keras_gen.cli._common import Progress
    from serving import mix
    from serving.contract import asking, models
    from serving.process import serve

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    tell, sizes = Progress(), []

    with tempfile.TemporaryDirectory() as folder:
        models.write(Path(folder) / "models", f"{folder}/models")
        with serve(
            f"{folder}/models", f"--model_config_file={folder}/models/"
            "models.config", "--max_body_bytes=2000000",
        ) as process:
            def progress(done):
                sizes.append(memory(process.pid))
                tell.count(done, options.requests, "requests")

            counts, failures = mix.load(
                mix.Requests(asking.Server(process.url, process.grpc_address)),
                options.requests, options.threads, progress,
            )
    tell.end()
    for (name, answer), number in sorted(counts.items(), key=str):
        print(f"{number:6} {name:17} {answer}")
    growth = max(sizes[-len(sizes) // 10:]) - max(sizes[:len(sizes) // 5])
    print(
        f"memory {sizes[0]:.0f} MB at the start, {sizes[-1]:.0f} at the end, "
        f"{growth:+.1f} after the first fifth ({GROWTH} allowed)"
    )
    print(f"{len(failures)} failures")
    for failure in failures[:20]:
        print(" ".join(failure.split())[:300])
    sys.exit(bool(failures) or growth > GROWTH)


if __name__ == "__main__":
    main()

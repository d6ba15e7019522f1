"""What serving costs over the exported model, and what batching gains.

    python benchmarks/serving.py [--model=dcgan_celeba] [--rounds=9]

Tables, each with all sides in turn in one run; read the ratios, which are
medians over the rounds. "generate" is Keras' model against the loaded
signature, "precision" an export in bfloat16 against one in float32 and
`generate` likewise. "payload" is a batch of pictures, decoded by the client,
against the loaded signature in this process, from servers that keep no
answers; "cache" is one from a server that does, asked for the second time.
"clients" is as many threads that each ask over gRPC for one picture at a time,
from a server that batches and from one that does not. Besides seconds by the
clock there are seconds of the processor, of this process and the server
together, which mean something on a busy machine, too.
"""

import argparse
import base64
import http.client
import io
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from PIL import Image

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
ROOT = Path(__file__).resolve().parents[1]
# In place of this folder, whose serving.py is not the package of the tests.
sys.path[:1] = [
    str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks/sides")
]

BATCHES = (1, 16, 64)
CLIENTS = (1, 16, 32)


def options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--model", default="dcgan_celeba",
        help="one of saved_models/ that makes pictures from latents",
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--seconds", type=float, default=4, help="of each round of clients"
    )
    return parser.parse_args()


class InProcess:
    """The signatures of the export, loaded here."""

    def __init__(self, folder):
        import tensorflow as tf

        self.signatures = tf.saved_model.load(str(folder)).signatures

    def inputs(self, name, n):
        """Arrays of n rows for a signature, from the seeds 0, 1, ..."""
        values = {}
        specs = self.signatures[name].structured_input_signature[1]
        for key, spec in specs.items():
            shape = (n, *spec.shape[1:])
            values[key] = {
                "seed": np.arange(n), "label": np.zeros(n),
                "truncation": np.full(n, 10.0),
                "latent": np.random.default_rng(0).normal(size=shape),
            }[key].astype(spec.dtype.as_numpy_dtype)
        return values

    def __call__(self, name, n):
        """The output of a batch, as an array."""
        import tensorflow as tf

        inputs = self.inputs(name, n)
        found = self.signatures[name](**{
            key: tf.constant(value) for key, value in inputs.items()
        })
        (output,) = found.values()
        return output.numpy()


class Client:
    """Asks a server for what `InProcess` computes."""

    def __init__(self, model, process, local):
        from serving.contract import asking

        self.model, self.local = model, local
        self.server = asking.Server(process.url, process.grpc_address)
        self.rest = http.client.HTTPConnection(self.server.url.netloc)

    def request(self, name, n):
        """A PredictRequest."""
        from serving.contract import asking

        return asking.request(
            self.model, name, **self.local.inputs(name, n)
        )

    def grpc(self, name, n):
        """The output as an array, by the official stub."""
        import tensorflow as tf

        response = self.server.predict(self.request(name, n))
        (output,) = response.outputs.values()
        found = tf.make_ndarray(output)
        return decoded(found) if found.dtype == object else found

    def lists(self, name, n):
        """The output as an array, by JSON in the row format."""
        columns = self.local.inputs(name, n)
        rows = [
            {key: value[i].tolist() for key, value in columns.items()}
            for i in range(n)
        ]
        body = json.dumps({"signature_name": name, "instances": rows})
        self.rest.request("POST", f"/v1/models/{self.model}:predict", body)
        found = json.loads(self.rest.getresponse().read())["predictions"]
        if isinstance(found[0], dict):
            return decoded(base64.b64decode(row["b64"]) for row in found)
        return np.float32(found)


def decoded(files):
    """PNG files -> uint8 (n, h, w, c)."""
    return np.stack([np.asarray(Image.open(io.BytesIO(f))) for f in files])


class Clock:
    """Seconds by the clock and of the processor, since the last call."""

    def __init__(self, processes):
        self.processes, self.last = processes, None
        self()

    def __call__(self):
        now = np.array([
            time.perf_counter(),
            time.process_time() + sum(map(processor, self.processes)),
        ])
        spent = None if self.last is None else now - self.last
        self.last = now
        return spent


def processor(process):
    """Seconds of the processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2]
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def compare(sides, rounds, processes, repeats):
    """Runs all sides in turn and prints their time and ratio to the first.

    Args:
        sides: dict from name to a function without arguments.
        rounds: how often each.
        processes: ids of servers whose time counts.
        repeats: calls in a round, so that the processor's time, which ticks
            a hundred times a second, can be read.
    """
    times = {name: [] for name in sides}
    for side in sides.values():
        side()
    for _ in range(rounds):
        for name, side in sides.items():
            clock = Clock(processes)
            for _ in range(repeats):
                side()
            times[name].append(clock() / repeats)
    first = np.array(next(iter(times.values())))
    for name, found in times.items():
        clock, cpu = np.median(np.array(found) / first, 0)
        seconds = np.median(found, 0)[0]
        print(
            f"  {name:22} {1e3 * seconds:8.1f} ms  ratio {clock:6.2f}  "
            f"processor {cpu:6.2f}", flush=True,
        )


def payloads(local, batched, alone, rounds, processes):
    """What each way to carry a batch costs."""
    for n in BATCHES:
        print(f"payload, batch {n}", flush=True)
        compare({
            "in process": lambda: local("serving_default", n),
            "gRPC, no batching": lambda: alone.grpc("serving_default", n),
            "gRPC float32": lambda: batched.grpc("serving_default", n),
            "gRPC uint8": lambda: batched.grpc("sample", n),
            "gRPC PNG": lambda: batched.grpc("sample_png", n),
            "REST PNG": lambda: batched.lists("sample_png", n),
            "REST float lists": lambda: batched.lists("serving_default", n),
        }, rounds, processes, repeats=max(1, 32 // n))


def kept(batched, caching, rounds, processes):
    """What an answer costs that was given before."""
    for n in BATCHES:
        print(f"cache, batch {n}", flush=True)
        compare({
            "gRPC PNG, computed": lambda: batched.grpc("sample_png", n),
            "gRPC PNG, kept": lambda: caching.grpc("sample_png", n),
            "REST PNG, kept": lambda: caching.lists("sample_png", n),
        }, rounds, processes, repeats=max(1, 32 // n))


def throughput(client, process, count, seconds):
    """(pictures per second, 95th percentile of the milliseconds of one,
    pictures per second of the server's processor) of `count` threads that ask
    for one at a time."""
    request, until, spent = client.request("sample", 1), None, []
    before = processor(process)

    def ask():
        while time.perf_counter() < until:
            begin = time.perf_counter()
            client.server.predict(request)
            spent.append(time.perf_counter() - begin)

    until = time.perf_counter() + seconds
    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (
        len(spent) / seconds, 1e3 * np.percentile(spent, 95),
        len(spent) / (processor(process) - before),
    )


def clients(batched, alone, rounds, seconds):
    """Throughput with and without batching.

    Args:
        batched, alone: (`Client`, the server's process id).
    """
    print("clients of one picture at a time, gRPC, with and without batching")
    for count in CLIENTS:
        found = []
        for _ in range(rounds):
            found.append([
                throughput(client, process, count, seconds)
                for client, process in (batched, alone)
            ])
        (on, slow_on, _), (off, slow_off, _) = np.median(found, 0)
        ratio, cpu = (
            statistics.median(a[i] / b[i] for a, b in found) for i in (0, 2)
        )
        print(
            f"  {count:2} clients {on:7.1f} and {off:7.1f} pictures/s  ratio "
            f"{ratio:5.2f}  by server's processor {cpu:5.2f}  95 % within "
            f"{slow_on:.0f} and {slow_off:.0f} ms", flush=True,
        )


def generated(model, local, rounds):
    """Keras' `generate` against the signature."""
    for n in BATCHES:
        print(f"generate, batch {n}")
        compare({
            "signature": lambda: local("sample", n),
            "generate()": lambda: model.generate(n, seed=0),
        }, rounds, (), repeats=max(1, 64 // n))


def precisions(model, rounds):
    """bfloat16 against float32."""
    from keras_gen.export import difference

    with tempfile.TemporaryDirectory() as folder:
        exports = [model.export(folder, p) for p in ("float32", "bfloat16")]
        print("\n".join(difference.lines(difference.read(exports[1]))))
        exact, rounded = map(InProcess, exports)
    for n in BATCHES:
        print(f"precision, batch {n}")
        sides = {
            "float32 export": lambda: exact("sample", n),
            "bfloat16 export": lambda: rounded("sample", n),
        }
        compare(sides, rounds, (), repeats=max(1, 64 // n))
        compare({
            f"{name} generate": lambda name=name: model.generate(
                n, seed=0, precision=name
            ) for name in ("float32", "bfloat16")
        }, rounds, (), repeats=max(1, 64 // n))


def main():
    from machine import described

    from serving.contract.models import newest
    from serving.process import serve

    chosen = options()
    from keras_gen import zoo

    print(
        f"{chosen.model}, {described()}, load before "
        f"{os.getloadavg()[0]:.1f}, {chosen.rounds} rounds", flush=True,
    )
    export = newest(chosen.model)
    local, model = InProcess(export), zoo.load(chosen.model)
    generated(model, local, chosen.rounds)
    precisions(model, chosen.rounds)
    # Enough rows for the largest payload, with and without batching.
    flags = f"--max_batch_size={max(BATCHES)}", "--max_cache_bytes=0"
    with serve(export.parent, *flags) as one, serve(
        export.parent, *flags, "--enable_batching=false"
    ) as two, serve(export.parent, flags[0]) as three:
        batched, alone, caching = (
            Client(chosen.model, process, local)
            for process in (one, two, three)
        )
        pids = [one.pid, two.pid, three.pid]
        payloads(local, batched, alone, chosen.rounds, pids)
        kept(batched, caching, chosen.rounds, pids)
        clients(
            (batched, one.pid), (alone, two.pid), chosen.rounds,
            chosen.seconds,
        )


if __name__ == "__main__":
    main()

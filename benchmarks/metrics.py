"""Time and memory of the metrics, beside a plain computation by sqrtm.

    python benchmarks/metrics.py [--count=10000] [--dim=2048]

Each runs in a process of its own, on float32 features of either side. Besides
seconds by the clock there are seconds of the processor, over all cores, which
mean something on a busy machine, too (best with OPENBLAS_NUM_THREADS=1, since
threads that wait count). The memory is the process' peak beyond the features.
"ratio" is the processor's time to that of the plain Frechet distance, np.cov
and scipy.linalg.sqrtm of the product.
"""

import argparse
import concurrent.futures
import multiprocessing
import os
import re
import sys
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent.parent))


def options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="samples")
    parser.add_argument("--dim", type=int, default=2048, help="features")
    return parser.parse_args()


def features(count, dim, seed):
    """float32 (count, dim), correlated and with a long tail of variances."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, dim), np.float32)
    x *= np.logspace(0, -3, dim, dtype=np.float32)
    x[:, 1:] += 0.5 * x[:, :1]
    return x


def plain(a, b):
    """The Frechet distance as it is often written."""
    from scipy import linalg

    first, second = (np.cov(x, rowvar=False) for x in (a, b))
    root = linalg.sqrtm(first @ second)
    shift = a.mean(0, dtype=np.float64) - b.mean(0, dtype=np.float64)
    return float(
        shift @ shift + np.trace(first) + np.trace(second)
        - 2 * np.trace(root).real
    )


def memory(name):
    """VmRSS or VmHWM, now or at the peak, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1e3


def measured(name, count, dim):
    """The metric's value, or the first of several, seconds by the clock and
    of the processor, MB."""
    from keras_gen import metrics

    metric = plain if name == "plain" else getattr(metrics, name)
    a, b = features(count, dim, seed=0), features(count, dim, seed=1)
    before = memory("VmRSS")
    clock, processor = time.perf_counter(), time.process_time()
    value = metric(a, b)
    return (
        np.ravel(value)[0], time.perf_counter() - clock,
        time.process_time() - processor, memory("VmHWM") - before,
    )


def main():
    chosen = options()
    print(
        f"{chosen.count} against {chosen.count}, {chosen.dim} features, "
        f"{os.cpu_count()} cores", flush=True,
    )
    reference = None
    for name in (
        "plain", "frechet_distance", "kernel_distance", "precision_recall",
        "density_coverage",
    ):
        with concurrent.futures.ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn")
        ) as process:
            value, clock, processor, peak = process.submit(
                measured, name, chosen.count, chosen.dim
            ).result()
        reference = reference or processor
        print(
            f"{name:17} {value:12.6g}  {clock:6.1f} s  "
            f"processor {processor:6.1f} s  {peak:6.0f} MB  "
            f"ratio {processor / reference:.2f}", flush=True,
        )


if __name__ == "__main__":
    main()

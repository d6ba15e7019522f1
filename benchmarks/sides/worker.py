"""One side of the comparison: a process that steps when it is told to.

    worker.py MODULE CASE [OPTION ...]

MODULE is a file beside this one, whose `step(case, *options)` gives a function
that makes one training step and returns a dict of its losses. The process
makes two steps and prints "ready", or "left out: ..." where this machine
cannot do it. Then it answers each line of its input with a number: to a
number of steps the seconds that they took, on the clock and of processors, to
"flops" the floating-point operations of one (of PyTorch's own operations).
"""

import importlib
import sys
import time
import warnings


def main(module, *arguments):
    try:
        step = importlib.import_module(module).step(*arguments)
        # The first compiles, the second allocates.
        finished(step())
        finished(step())
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        print(f"left out: {type(error).__name__}: {said}", flush=True)
        return
    print("ready", flush=True)
    for line in sys.stdin:
        asked = line.strip()
        if asked == "flops":
            print(flops(step), flush=True)
        else:
            print(*seconds(step, int(asked)), flush=True)


def seconds(step, count):
    """Seconds that so many steps take, to their last operation: on the
    clock, and of processors."""
    start, used = time.perf_counter(), time.process_time()
    for _ in range(count):
        result = step()
    finished(result)
    return time.perf_counter() - start, time.process_time() - used


def finished(result):
    """Waits for the devices: for the losses, and for the updates after
    them."""
    for value in result.values():
        float(value)
    torch, tensorflow = map(sys.modules.get, ("torch", "tensorflow"))
    if torch and torch.cuda.is_available():
        torch.cuda.synchronize()
    if tensorflow and tensorflow.config.list_physical_devices("GPU"):
        tensorflow.test.experimental.sync_devices()


def flops(step):
    """Floating-point operations of a step, a sum being one and a product
    another."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(*sys.argv[1:])

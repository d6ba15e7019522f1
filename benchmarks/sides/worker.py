"""The protocol of one side: a process that steps when it is told to."""

import sys
import time


def serve(step):
    """Makes two steps, prints "ready", then reads a number of steps from
    each line of standard input and prints the seconds that they took."""
    # The first compiles, the second allocates.
    finished(step())
    finished(step())
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            result = step()
        finished(result)
        print(time.perf_counter() - start, flush=True)


def finished(result):
    """Waits for the devices: reads every number of a step's result."""
    return [float(value) for value in result.values()]

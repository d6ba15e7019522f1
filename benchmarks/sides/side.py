"""A process of its own that makes steps when it is asked to."""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def memory(name, process="self"):
    """MB of a process: "VmRSS" now, "VmHWM" at the peak since it began. (The
    ru_maxrss of a child counts its parent's peak, too.)"""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1e3


class LeftOut(Exception):
    """A side that cannot work on this machine; the message says why."""


class Side:
    """A process that runs worker.py.

    Args:
        name: for messages.
        module: whose steps it makes, a file of this folder.
        arguments: of the module's `step`.
        backend: of Keras.
    """

    def __init__(self, name, module, arguments=(), backend="tensorflow"):
        self.name = name
        worker = [str(HERE / "worker.py"), module, *map(str, arguments)]
        # What the environment adds (packages somewhere else) stays.
        path = [str(HERE.parents[1]), os.environ.get("PYTHONPATH")]
        self.process = subprocess.Popen(
            [sys.executable, *worker],
            env=os.environ | {
                "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3",
                "PYTHONPATH": os.pathsep.join(filter(None, path)),
                # Idle threads must sleep while another side works.
                "OMP_WAIT_POLICY": "PASSIVE",
            },
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )

    def line(self):
        text = self.process.stdout.readline()
        if not text:
            raise SystemExit(f"the side {self.name} failed")
        return text.rstrip("\n")

    def ready(self):
        """Waits until it is; the lines that it says before."""
        said = []
        while (line := self.line()) != "ready":
            if line.startswith("left out: "):
                raise LeftOut(line)
            said.append(line)
        return said

    def answer(self, asked):
        """[seconds on the clock, seconds of processors] for so many steps;
        [operations of a step] for "flops"."""
        self.process.stdin.write(f"{asked}\n")
        self.process.stdin.flush()
        return [float(x) for x in self.line().split()]

    def peak(self):
        """MB of its memory at the peak until now."""
        return memory("VmHWM", self.process.pid)


def in_turn(sides, rounds, seconds):
    """Sides make their steps in turn: a machine whose speed drifts treats them
    alike.

    Returns:
        (seconds a step, seconds of processors a step): of both a list over
        rounds for each side.
    """
    steps = [max(1, round(seconds / side.answer(1)[0])) for side in sides]
    times, works = ([[] for _ in sides] for _ in range(2))
    for _ in range(rounds):
        for side, count, time, work in zip(sides, steps, times, works):
            wall, used = side.answer(count)
            time.append(wall / count)
            work.append(used / count)
    return times, works

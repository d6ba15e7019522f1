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


class Side:
    """A script of this folder that follows the protocol of worker.py.

    Args:
        name: for messages.
        script: the name of its file.
        arguments: of its command line.
        backend: of Keras.
    """

    def __init__(self, name, script, arguments=(), backend="tensorflow"):
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / script), *map(str, arguments)],
            env=os.environ | {
                "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3",
                "PYTHONPATH": str(HERE.parents[1]),
                # Idle threads must sleep while another side works.
                "OMP_WAIT_POLICY": "PASSIVE",
            },
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )

    def line(self):
        text = self.process.stdout.readline()
        if not text:
            raise SystemExit(f"the side {self.name} failed")
        return text

    def ready(self):
        """Waits until it is; the lines that it says before."""
        return list(iter(self.line, "ready\n"))

    def seconds(self, steps):
        """Seconds for so many steps."""
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        return float(self.line())

    def work(self):
        """Seconds of the processor until now, over all cores."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = fields.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def peak(self):
        """MB of its memory at the peak until now."""
        return memory("VmHWM", self.process.pid)


def in_turn(sides, rounds, seconds):
    """Sides make their steps in turn: a machine whose speed drifts treats them
    alike.

    Returns:
        (seconds a step, seconds of the processor, over all cores): of both a
        list over rounds for each side.
    """
    steps = [max(1, round(seconds / side.seconds(1))) for side in sides]
    times, works = ([[] for _ in sides] for _ in range(2))
    for _ in range(rounds):
        for side, count, time, work in zip(sides, steps, times, works):
            before = side.work()
            time.append(side.seconds(count) / count)
            work.append((side.work() - before) / count)
    return times, works

"""Waits that end when a process does no more work, not when time is up.

A slow or busy machine makes everything late; a process that waits for ever
does nothing. So what bounds a wait is the processor time that is used.
"""

import os
import pathlib
import subprocess
import time

import pytest

# Nobody is dead who used this share of a processor in the last so many
# seconds. Heartbeats of a process that hangs take less.
SHARE, PATIENCE = 0.01, 90.0
# Processor seconds after which a process is taken for one that never ends.
MOST = 900.0


def _used(pid):
    """Processor seconds that a process and its children that have ended have
    used; None if it has ended itself."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        # Without /proc everybody counts as busy.
        return None if pathlib.Path("/proc/self").exists() else (
            time.monotonic()
        )
    state, *fields = text.rpartition(")")[2].split()
    if state in "ZX":
        return None
    return sum(map(int, fields[10:14])) / os.sysconf("SC_CLK_TCK")


class Watch:
    """Whether processes that wait for each other still work.

    Args:
        *processes: of `subprocess.Popen`.
        patience: seconds in which they may use less than `SHARE`.
        most: processor seconds of one process.
    """

    def __init__(self, *processes, patience=PATIENCE, most=MOST):
        self.processes, self.patience, self.most = processes, patience, most
        self.seen, self.since = {}, time.monotonic()

    def trouble(self):
        """What is wrong with the processes, in words; None while they work,
        or when all have ended."""
        used = {p.pid: _used(p.pid) for p in self.processes}
        used = {pid: u for pid, u in used.items() if u is not None}
        work = sum(u - self.seen.get(pid, 0.0) for pid, u in used.items())
        if work >= SHARE * self.patience or not self.seen:
            self.seen, self.since = used, time.monotonic()
        if not used:
            return None
        if max(used.values()) > self.most:
            return f"it used {self.most:.0f} s of the processor: does it end?"
        if time.monotonic() - self.since > self.patience:
            return f"it did nothing for {self.patience:.0f} s: it is stuck"
        return None


def outputs(*processes, **bounds):
    """Waits for processes that may wait for each other, however slow they
    are.

    Args:
        *processes: of `subprocess.Popen`, with pipes.
        **bounds: of `Watch`.

    Returns:
        A list of (what it printed, its errors), which `communicate` returns.

    Fails when none of them works any more, after killing them all.
    """
    watch, found = Watch(*processes, **bounds), {}
    while len(found) < len(processes):
        for process in processes:
            if process in found:
                continue
            try:
                found[process] = process.communicate(timeout=0.2)
            except subprocess.TimeoutExpired:
                pass
        trouble = watch.trouble()
        if trouble and len(found) < len(processes):
            _kill(processes, found, trouble)
    return [found[process] for process in processes]


def _kill(processes, found, trouble):
    """Kills the processes and fails with what each printed last."""
    for process in processes:
        process.kill()
    texts = []
    for process in processes:
        printed = found.get(process) or process.communicate()
        text = "\n".join(part for part in printed if part)
        texts.append(f"{process.args}:\n{text[-2000:]}")
    pytest.fail("\n".join([f"killed: {trouble}", *texts]))


def until(true, *processes, **bounds):
    """Waits until `true()`; fails when none of the processes works any more
    or one has ended before."""
    watch = Watch(*processes, **bounds)
    while not true():
        trouble = watch.trouble()
        ended = [p for p in processes if p.poll() is not None]
        if (trouble or ended) and not true():
            _kill(processes, {}, trouble or f"{ended[0].args} has ended")
        time.sleep(0.05)


def ended(process):
    """Waits for the end of a process whose output another reads; its exit
    status."""
    until(lambda: process.poll() is not None, process)
    return process.returncode

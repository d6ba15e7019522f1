"""How time and memory grow with what there is to do.

    python benchmarks/growth.py [--axes=pictures,files] [--files=1000000]

Doubles, one after the other, the pictures in a step, their resolution, the
networks' width and the replicas (two share one processor: what it costs to be
two), in the training step of a DCGAN as the trainer compiles it, and tenfolds
the files in a folder from a thousand on, which the trainer's own pipeline
opens and reads. Prints, for each, time and peak memory with their ratios to
the point before, and the power with which they grow.

Every point is a process of its own, so that its peak of memory is, too; those
of an axis take turns, round by round, and medians count. What is "of a
processor" is summed over all cores, and means something on a busy machine,
too. At the end stands what the numbers mean on a node of GPUs and on 8
workers: a model, not a measurement.

The folder's files are hard links to a few hundred small PNGs, in the scratch
folder (TMPDIR): what a disk or network takes to find a file comes on top.
"""

import contextlib
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import NamedTuple

import numpy as np
from absl import app, flags
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "sides"))


class Step(NamedTuple):
    """What grows in a training step, and from where."""

    pictures: int = 32
    resolution: int = 32
    width: int = 32
    replicas: int = 1


POINTS = {
    "pictures": (8, 16, 32, 64, 128),
    "resolution": (32, 64, 128),
    "width": (16, 32, 64, 128),
    "replicas": (1, 2),
}
_AXES = flags.DEFINE_list("axes", [*POINTS, "files"], "What to grow.")
_ROUNDS = flags.DEFINE_integer("rounds", 5, "Rounds of every point.")
_SECONDS = flags.DEFINE_float("seconds", 2.0, "About how long a round takes.")
_FILES = flags.DEFINE_integer("files", 100_000, "Files: 10,000 to 1,000,000.")
_PRECISION = flags.DEFINE_string("precision", "bfloat16", "Of the step.")

# Pictures read of a folder, and different files among all.
_READ, _DIFFERENT = 16_384, 256


def table(name, points, columns):
    """Prints medians, those of the ratios to the point before in a round, and
    the power with which they grow.

    Args:
        name: of what grows.
        points: its values.
        columns: {what is measured: for each point a list over rounds}.
    """
    from scaling import exponent

    print(f"{name:>10}" + "".join(
        f"{what:>16} {'ratio':>6}" for what in columns
    ))
    median = statistics.median
    for place, point in enumerate(points):
        cells = [f"{point:>10,}"]
        for rounds in columns.values():
            ratio = place and median(
                b / a for a, b in zip(rounds[place - 1], rounds[place])
            )
            shown = f"{ratio:.2f}" if place else ""
            cells.append(f"{median(rounds[place]):>16,.1f} {shown:>6}")
        print("".join(cells))
    print(f"{'power':>10}" + "".join(
        f"{exponent(points, list(map(median, rounds))):>16.2f} {'':>6}"
        for rounds in columns.values()
    ), end="\n\n", flush=True)


def scaled(rounds, factor):
    """Lists of numbers times a factor."""
    return [[factor * each for each in values] for values in rounds]


def say(text):
    """Prints a paragraph."""
    print(textwrap.fill(text, 79, subsequent_indent="  "), flush=True)


def steps(name):
    """Measures an axis of the step: ([seconds], gradients' bytes of the
    first point, FLOP/s of products of matrices, bytes/s of copies)."""
    from side import Side, in_turn

    points = POINTS[name]
    with contextlib.ExitStack() as stack:
        sides, said = [], []

        def start(name, module, arguments):
            sides.append(Side(name, module, arguments))
            stack.callback(sides[-1].process.kill)
            said.append(dict(map(str.split, sides[-1].ready())))

        for point in points:
            start(f"{name} {point}", "grown", (
                *Step()._replace(**{name: point}), _PRECISION.value,
            ))
        for what in ("products", "copies"):
            start(what, "products", (what, _PRECISION.value))
        rounds, work = in_turn(sides, _ROUNDS.value, _SECONDS.value)
        peaks = [side.peak() for side in sides[:-2]]
    own = [peak - float(told["start"]) for peak, told in zip(peaks, said)]
    table(name, points, {
        "ms a step": scaled(rounds[:-2], 1e3),
        "of a processor": scaled(work[:-2], 1e3),
        "MB at the peak": [[each] for each in peaks],
        "MB of its own": [[each] for each in own],
    })
    *times, product, copy = map(statistics.median, rounds)
    flop, copied = (float(told["each"]) for told in said[-2:])
    return times, float(said[0]["gradients"]), flop / product, copied / copy


def refuse_full(folder, count):
    """Ends the program where the folder's disk has no room for `count` more
    links, and for twice the decoded pictures."""
    room = os.statvfs(folder)
    needed = count * (100 + 2 * 32 * 32 * 3)
    if room.f_bavail * room.f_frsize < needed:
        raise SystemExit(
            f"{folder} has no room for {count:,} files ({needed / 1e9:.1f} "
            "GB): give fewer --files, or another TMPDIR"
        )


def write_files(folder, count, sources):
    """A folder of `count` links to the files `sources`, in turn."""
    folder.mkdir()
    for number in range(count):
        os.link(sources[number % len(sources)], f"{folder}/{number:07}.png")


def write_sources(folder):
    """The paths of different small PNGs, written there."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    paths = [f"{folder}/{number}.png" for number in range(_DIFFERENT)]
    for path in paths:
        coarse = rng.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(coarse).resize((32, 32)).save(path)
    return paths


def of_folder(folder):
    """What sides/folder.py finds of it, with a fresh cache."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as cache:
        output = subprocess.run(
            [sys.executable, str(HERE / "sides/folder.py"), str(folder),
             str(_READ)],
            check=True, text=True, stdout=subprocess.PIPE,
            env=os.environ | {
                "KERAS_GEN_CACHE": cache, "TF_CPP_MIN_LOG_LEVEL": "3",
                "PYTHONPATH": str(HERE.parent),
            },
        ).stdout
    return json.loads(output)


def files():
    """Measures the axis of files: (seconds of a processor, MB) of opening one
    more."""
    from scaling import line

    counts = [
        count for count in (10 ** power for power in range(3, 7))
        if count <= max(10_000, _FILES.value)
    ]
    with tempfile.TemporaryDirectory() as scratch:
        refuse_full(scratch, sum(counts))
        sources = write_sources(Path(scratch, "sources"))
        folders = [Path(scratch, str(count)) for count in counts]
        for folder, count in zip(folders, counts):
            write_files(folder, count, sources)
        found = [
            [of_folder(each) for each in folders]
            for _ in range(min(3, _ROUNDS.value))
        ]

    def rounds(what, factor=1.0):
        return scaled(zip(*(
            [each[what] for each in measured] for measured in found
        )), factor)

    table("files", counts, {
        "ms to open": rounds("opened", 1e3),
        "of a processor": rounds("processor", 1e3),
        "ms to 1st batch": rounds("first", 1e3),
    })
    table("files", counts, {
        "MB while opening": rounds("opening"),
        "MB then kept": rounds("kept"),
        "MB at the peak": rounds("peak"),
    })
    table("files", counts, {
        "1/s decoded": rounds("decoded"), "1/s from cache": rounds("again"),
    })
    return [
        line(counts, list(map(statistics.median, rounds(what))))[1]
        for what in ("processor", "opening")
    ]


def model(times, size, flops, copies):
    """Prints what the measured constants mean elsewhere."""
    from scaling import GPU_NODE, WORKERS, line

    fixed, each = line(POINTS["pictures"], times)
    say(
        f"A model, not a measurement. Measured here: a step of n pictures "
        f"takes a + b n, a = {1e3 * fixed:.1f} ms, b = {1e3 * each:.2f} ms; G "
        f"= {size / 1e6:.2f} MB of gradients in 2 sums; matrix products "
        f"{flops / 1e9:,.0f} GFLOP/s, copies {copies / 1e9:.1f} GB/s. "
        "Elsewhere it is taken for a + b n / f + 2 (N - 1) (G / (N W) + 2 L): "
        "N devices, around whose ring go W bytes/s after L s; f is how much "
        "faster they multiply or copy, whichever is less."
    )
    for where in (GPU_NODE, WORKERS):
        faster = where.faster(flops, copies)
        print(
            f"  {where.name}: f = {faster:.1f}, W = {where.link / 1e9:g} "
            f"GB/s, L = {1e6 * where.latency:g} us"
        )
        for pictures in (Step().pictures, 16 * Step().pictures):
            own = fixed + each * pictures / faster
            sums = where.all_reduce(size, calls=2)
            speed = where.count * pictures / (own + sums)
            gain = speed * (fixed + each * pictures) / pictures
            print(
                f"    {pictures} pictures each: {1e3 * own:.2f} ms of its own "
                f"and {1e3 * sums:.2f} ms of sums, {gain:.1f} times this "
                "machine"
            )
    say(
        "Why: sums take as long for any number of pictures, so devices pay "
        "off the more of these each has. A GPU is taken to make b smaller, "
        "but not a, in which the host starts each operation: it then bounds "
        "small steps."
    )


def main(_):
    from machine import described

    print(
        f"{described()}; load {os.getloadavg()[0]:.1f}; "
        f"{datetime.date.today()}"
    )
    print(f"DCGAN in {_PRECISION.value}, unless grown: {Step()}", flush=True)
    constants = None
    for name in POINTS:
        if name in _AXES.value:
            found = steps(name)
            constants = found if name == "pictures" else constants
    opening = files() if "files" in _AXES.value else None
    if constants:
        model(*constants)
    if opening:
        seconds, mb = opening
        say(
            f"Every worker opens the whole folder: {1e6 * seconds:.0f} s of a "
            f"processor and {1e6 * mb:,.0f} MB for each million files, on 8 "
            "workers as on one; decoding is shared, each decodes the rows of "
            "its own."
        )


if __name__ == "__main__":
    app.run(main)

"""Pictures a second that the input pipeline alone feeds, by source.

    python benchmarks/input_pipeline.py
    KERAS_BACKEND=torch python benchmarks/input_pipeline.py --crop=6 --flip
    python benchmarks/input_pipeline.py --folder=my_pictures/

Without --folder, it writes JPEG files of 178x218 pixels (as of CelebA) into a
scratch folder. Caches go to a scratch folder, too. Everything runs in one
process; "ratio" is to arrays in memory. --open=100000 writes as many tiny
files and measures the start alone.
"""

import argparse
import os
import pathlib
import resource
import tempfile
import time

import numpy as np
from PIL import Image

ROUNDS = 7


def options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=4096, help="pictures")
    parser.add_argument("--size", type=int, default=64, help="pixels")
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--crop", type=int, default=0, help="pixels")
    parser.add_argument("--flip", action="store_true")
    parser.add_argument("--folder", help="instead of pictures made here")
    parser.add_argument("--open", type=int, help="files to open, and no more")
    return parser.parse_args()


def write_jpegs(folder, count, width, height):
    """`count` JPEG files that are as hard to decode as photographs."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(count):
        coarse = rng.integers(0, 256, (height // 8, width // 8, 3), np.uint8)
        picture = Image.fromarray(coarse).resize((width, height))
        picture.save(folder / f"{number:06}.jpg", quality=90)


def epochs(dataset, chosen, first=0, count=1):
    """Pictures a second over epochs `first` ... of a Dataset, as the trainer
    feeds them."""
    from keras_gen.training import devices

    place = devices.plan("none").start(chosen.batch_size)
    steps = len(dataset) // chosen.batch_size
    batches = place.data(dataset.batches(
        chosen.batch_size, (first + count) * steps, first * steps,
        flip=chosen.flip,
    ))
    begin = time.perf_counter()
    seen = 0
    for batch in batches:
        seen += len(batch["image"])
    return seen / (time.perf_counter() - begin)


def compare(chosen, scratch):
    """Prints a row for each source."""
    import keras

    from keras_gen import data

    folder = chosen.folder or scratch / "jpeg"
    if not chosen.folder:
        write_jpegs(scratch / "jpeg", chosen.count, 178, 218)
    wanted = {"kind": "images", "size": chosen.size, "crop": chosen.crop}
    begin = time.perf_counter()
    files = data.load(folder, **wanted)
    opened = time.perf_counter() - begin
    print(f"{keras.backend.backend()}, batches of {chosen.batch_size}, "
          f"{files.summary()}, opened in {opened:.2f} s")
    print(f"{'folder, first epoch':<20}{epochs(files, chosen):>10,.0f} /s")
    arrays = files.columns["image"][np.arange(len(files))]
    np.savez(scratch / "pack.npz", x_train=arrays, x_test=arrays[:1])
    sources = {
        "arrays": data.Dataset({"image": arrays}, crop=chosen.crop),
        "folder, cached": data.load(folder, **wanted),
        "npz": data.load(scratch / "pack.npz", **wanted),
        "shapes": data.load("shapes", **wanted),
    }
    rates = {name: [] for name in sources}
    epochs(sources["shapes"], chosen)  # draws them
    # In turns, so that other work on the machine slows all of them.
    for turn in range(ROUNDS):
        for name, dataset in sources.items():
            rates[name].append(epochs(dataset, chosen, turn, 4))
    for name, found in rates.items():
        ratio = np.median(np.divide(found, rates["arrays"]))
        print(f"{name:<20}{max(found):>10,.0f} /s   ratio {ratio:.2f}")


def time_to_open(chosen, scratch):
    """Prints seconds to the first batch, and memory."""
    from keras_gen import data
    from keras_gen.training import devices

    files = scratch / "many"
    write_jpegs(files, 1, 64, 64)
    content = (files / "000000.jpg").read_bytes()
    for number in range(chosen.open):
        (files / f"{number:06}.jpg").write_bytes(content)
    place = devices.plan("none").start(chosen.batch_size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    dataset = data.load(files, "images", size=chosen.size)
    opened = time.perf_counter() - begin
    batches = place.data(dataset.batches(chosen.batch_size, 10))
    next(iter(batches))
    first = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{len(dataset):,} files: opened in {opened:.2f} s, first batch "
          f"after {first:.2f} s, {(after - before) / 1024:.0f} MiB more at "
          "the peak")


def main():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    chosen = options()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["KERAS_GEN_CACHE"] = f"{scratch}/cache"
        run = time_to_open if chosen.open else compare
        run(chosen, pathlib.Path(scratch))


if __name__ == "__main__":
    main()

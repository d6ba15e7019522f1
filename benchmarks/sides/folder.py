"""What a folder of pictures costs until it is read.

    folder.py FOLDER PICTURES

Opens it as a training does, reads so many pictures in batches of 64, and the
same ones again, out of the cache. Prints one line of JSON.
"""

import json
import sys
import time

from side import memory

from keras_gen import data
from keras_gen.training import devices

BATCH = 64


def read(place, dataset, pictures):
    """(seconds to the first batch, pictures a second of the others)"""
    steps = max(2, min(pictures, len(dataset)) // BATCH)
    begin = time.perf_counter()
    # Read to its end: threads that still read would outlive the process.
    batches = iter(place.data(dataset.batches(BATCH, steps)))
    next(batches)
    first = time.perf_counter()
    seen = sum(len(batch["image"]) for batch in batches)
    return first - begin, seen / (time.perf_counter() - first)


def measured(folder, pictures):
    """{what: number} of a folder."""
    place = devices.plan("none", "cpu").start(BATCH)
    before = memory("VmHWM")
    begin, work = time.perf_counter(), time.process_time()
    dataset = data.load(folder, "images", size=32)
    found = {
        "opened": time.perf_counter() - begin,
        "processor": time.process_time() - work,
        "opening": memory("VmHWM") - before,
        "kept": memory("VmRSS") - before,
    }
    found["first"], found["decoded"] = read(place, dataset, pictures)
    _, found["again"] = read(place, dataset, pictures)
    return found | {"peak": memory("VmHWM")}


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], int(sys.argv[2]))))

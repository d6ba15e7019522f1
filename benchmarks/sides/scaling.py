"""How costs grow, fitted; and what they would be elsewhere, by a model."""

import dataclasses

import numpy as np


def exponent(sizes, costs):
    """p of the cost ~ size^p that is nearest, in logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def line(sizes, costs):
    """(a, b), neither below 0, of the cost = a + b size whose relative errors
    are smallest in squares."""
    sizes, costs = np.asarray(sizes, float), np.asarray(costs, float)
    terms = np.stack([1 / costs, sizes / costs], 1)
    a, b = np.linalg.lstsq(terms, np.ones(len(costs)), rcond=None)[0]
    if a < 0:
        a, b = 0.0, (sizes / costs).sum() / ((sizes / costs) ** 2).sum()
    elif b < 0:
        a, b = (1 / costs).sum() / ((1 / costs) ** 2).sum(), 0.0
    return float(a), float(b)


@dataclasses.dataclass(frozen=True)
class Devices:
    """Where steps may be made: assumed, not measured.

    Attributes:
        name: for people.
        count: of them, each with a copy of the networks.
        link: bytes/s from each to the next, in one direction.
        latency: seconds until the first of them is there.
        flops: FLOP/s of one's matrix products; None as here.
        copies: bytes/s of one's memory; None as here.
    """

    name: str
    count: int
    link: float
    latency: float
    flops: float | None = None
    copies: float | None = None

    def all_reduce(self, size, calls=1):
        """Seconds for sums of `size` bytes in all, around a ring: each sends
        2 (N - 1) / N of them, in 2 (N - 1) rounds for each call."""
        rounds = 2 * (self.count - 1)
        return rounds * (size / self.count / self.link + calls * self.latency)

    def faster(self, flops, copies):
        """How many times faster one is than what does `flops` and copies
        `copies` bytes/s: what it is less good at bounds it."""
        return min(
            (self.flops or flops) / flops, (self.copies or copies) / copies
        )


# A100-SXM, 80 GB, by the maker's data sheet: bfloat16, NVLink in one
# direction, memory. And 10 Gbit/s Ethernet.
GPU_NODE = Devices("a node of 8 A100", 8, 300e9, 5e-6, 312e12, 2.0e12)
WORKERS = Devices("8 workers like this machine", 8, 1.25e9, 50e-6)

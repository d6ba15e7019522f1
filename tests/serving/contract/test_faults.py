"""Some hundred requests of `serving.mix`, one in five malformed, on threads;
`benchmarks/serving_faults.py` sends ten thousand and watches the memory."""

from check import needs
from serving import mix


@needs("tensorflow")
def test_load_with_mistakes(server):
    counts, failures = mix.load(mix.Requests(server), 200, threads=6)
    assert not failures
    assert sum(counts.values()) == 200
    assert len({kind for kind, _ in counts}) == 16

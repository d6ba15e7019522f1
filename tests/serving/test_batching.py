"""Rows of many clients in one batch, and what goes wrong with it."""

import threading
import time

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.serving import batching
from keras_gen.serving.errors import ServingError
from keras_gen.serving.limits import Limits
from keras_gen.serving.servable import Servable
from serving import tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.add(tmp_path_factory.mktemp("served") / "tiny", 1)


def load(folder, enable_batching=True, **parameters):
    parameters = {"batch_timeout_micros": 100_000, **parameters}
    limits = Limits(batching.Parameters(**parameters), enable_batching)
    return Servable("tiny", 1, folder, limits)


def together(calls):
    """What functions return, or raise, that are called at the same time."""
    found = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def call(i):
        barrier.wait(30)
        try:
            found[i] = calls[i]()
        except ServingError as error:
            found[i] = error

    threads = [
        threading.Thread(target=call, args=(i,)) for i in range(len(calls))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def small(servable, number):
    return lambda: servable.run(
        "small", {"number": np.array([number], "int32")}
    )


def test_rows_of_32_clients(folder):
    servable = load(folder)
    numbers = np.arange(32) % 10
    found = together([small(servable, n) for n in numbers])
    assert [int(f["number"][0]) for f in found] == numbers.tolist()
    # The answer tells how many rows ran together with it.
    assert max(int(f["rows"][0]) for f in found) > 1
    values = np.random.default_rng(0).normal(size=(32, 2)).astype("float32")
    shift = np.arange(32)
    found = together([
        lambda i=i: servable.run("serving_default", {
            "x": values[i:i + 1], "shift": shift[i:i + 1]
        }) for i in range(32)
    ])
    alone = load(folder, enable_batching=False)
    for i in range(32):
        expected = alone.run("serving_default", {
            "x": values[i:i + 1], "shift": shift[i:i + 1]
        })
        np.testing.assert_array_equal(found[i]["y"], expected["y"])


def test_versions_and_signatures_are_not_mixed(folder):
    """They share the scheduler's threads, but no batch."""
    models = {
        1: load(folder), 2: load(tiny.add(folder.parent, 2)),
    }
    one = {"x": np.ones((1, 2), "float32"), "shift": np.zeros(1, "int64")}
    two = {"seconds": np.array([0.01])}
    found = together([
        lambda n=n, name=name, tensors=tensors: models[n].run(name, tensors)
        for _ in range(4) for n in models
        for name, tensors in [("serving_default", one), ("wait", two)]
    ])
    for i, answer in enumerate(found):
        assert not isinstance(answer, ServingError), answer
        if i % 2:
            assert answer["waited"].tolist() == [0.01]
        else:
            assert answer["version"].tolist() == [1 + i // 2 % 2]


def test_a_bad_row_fails_alone(folder):
    servable = load(folder)
    found = together([small(servable, n) for n in (1, 2, 3, 1000, 5, 6)])
    bad = found.pop(3)
    assert isinstance(bad, ServingError) and bad.code == "INVALID_ARGUMENT"
    assert "number out of range" in bad.message
    # Nothing of the other clients' rows is told.
    assert "[1000]" in bad.message
    assert [int(f["number"][0]) for f in found] == [1, 2, 3, 5, 6]


def test_rows_that_do_not_fit_together(folder):
    servable = load(folder)
    found = together([
        lambda n=n: servable.run(
            "any_width", {"x": np.full((1, n), 0.5, "float32")}
        ) for n in (1, 2, 3, 3)
    ])
    assert [f["mean"].tolist() for f in found] == [[2.0]] * 4


def test_what_comes_while_a_batch_runs_is_the_next_one(folder):
    """By default nobody waits for company, and 32 clients have it all the
    same."""
    servable = Servable("tiny", 1, folder, Limits())
    slow = threading.Thread(target=servable.run, args=(
        "wait", {"seconds": np.array([1.5])}
    ))
    slow.start()
    time.sleep(0.2)
    found = together([small(servable, n % 10) for n in range(16)])
    slow.join(30)
    assert max(int(f["rows"][0]) for f in found) > 8
    begin = time.monotonic()
    assert small(servable, 1)()["rows"].tolist() == [1]
    assert time.monotonic() - begin < 1


def test_a_full_queue_refuses(folder):
    servable = load(
        folder, max_batch_size=1, max_enqueued_batches=2,
        batch_timeout_micros=0,
    )
    found = together([
        lambda: servable.run("wait", {"seconds": np.array([0.3])})
    ] * 12)
    full = [f for f in found if isinstance(f, ServingError)]
    assert {(f.code, f.http) for f in full} == {("RESOURCE_EXHAUSTED", 429)}
    assert "queue" in full[0].message
    # Two wait; two more run, if the scheduler's threads took them before the
    # last of the twelve came, which a busy machine does not promise.
    assert 2 <= 12 - len(full) < 12
    servable.run("wait", {"seconds": np.array([0.0])})


def test_without_batching(folder):
    servable = load(folder, enable_batching=False, max_batch_size=3)
    found = together([small(servable, n) for n in range(8)])
    assert all(f["rows"].tolist() == [1] for f in found)
    with pytest.raises(ServingError, match="Task size 4 is larger"):
        servable.run("small", {"number": np.zeros(4, "int32")})


def test_batches_are_filled_up(folder):
    servable = load(folder, allowed_batch_sizes=(4, 32))
    found = servable.run("small", {"number": np.arange(3, dtype="int32")})
    assert found["number"].tolist() == [0, 1, 2]
    assert found["rows"].tolist() == [4] * 3


def test_no_rows_at_all(folder):
    found = load(folder).run("serving_default", {
        "x": np.zeros((0, 2), "float32"), "shift": np.zeros(0, "int64")
    })
    assert found["y"].shape == (0, 2) and found["version"].shape == (0,)


def test_scalars_are_not_batched(folder):
    found = load(folder).run("scalar", {"x": np.uint8(7)})
    assert found["x"].shape == () and found["x"] == 7


def test_a_parameters_file(tmp_path):
    file = tmp_path / "batching_parameters.txt"
    file.write_text("""
        # As of TensorFlow Serving
        max_batch_size { value: 64 }  batch_timeout_micros: { value:0 }
        num_batch_threads{value:3}
        allowed_batch_sizes: 8, allowed_batch_sizes : 64
    """)
    assert batching.Parameters.read(file) == batching.Parameters(
        64, 0, 3, allowed_batch_sizes=(8, 64)
    )
    file.write_text("")
    assert batching.Parameters.read(file) == batching.Parameters()


@pytest.mark.parametrize("text, words", [
    ("max_batch_size { value: 0 }", "at least 1"),
    ("max_batch_size { value: -1 }", "cannot read 'max_batch_size"),
    ("max_batch_sizes { value: 1 }", "cannot read 'max_batch_sizes"),
    ("max_batch_size { value: 8 } x", "cannot read 'x'"),
    ("allowed_batch_sizes: 8", "end with max_batch_size, 32, got 8"),
    ("allowed_batch_sizes: 32 allowed_batch_sizes: 32", "must grow"),
    (None, "cannot read the batching parameters"),
])
def test_a_parameters_file_that_is_wrong(text, words, tmp_path):
    file = tmp_path / "parameters.txt"
    if text is not None:
        file.write_text(text)
    with pytest.raises(InputError, match=words):
        batching.Parameters.read(file)

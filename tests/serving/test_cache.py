"""Answers that are kept: to whom they are given, and for how long."""

import shutil
import threading
import types

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_service_pb2_grpc

from keras_gen.export import lint
from keras_gen.serving.cache import Cache
from keras_gen.serving.errors import ServingError, invalid
from serving import tiny
from serving.contract import asking

MODEL = types.SimpleNamespace(serial=0)
HITS = ':keras_gen:serving:cache_hit_count{model_name="tiny"}'
MISSES = ':keras_gen:serving:cache_miss_count{model_name="tiny"}'
BYTES = ":keras_gen:serving:cache_bytes"


def strings(*values):
    array = np.empty(len(values), object)
    array[:] = values
    return array


def made(size=8):
    return {"y": np.zeros(size, "uint8")}


def asked(cache, tensors, compute=made, model=MODEL, signature="sample"):
    """Whether the answer was there already."""
    return cache.answer(model, signature, tensors, compute)[1]


def test_what_is_equal_is_computed_once():
    cache = Cache(10**6)
    first, known = cache.answer(MODEL, "sample", {"x": np.ones(2)}, made)
    assert not known
    again, known = cache.answer(MODEL, "sample", {"x": np.ones(2)}, None)
    assert known and again is first
    with pytest.raises(ValueError, match="read-only"):
        again["y"][0] = 1


@pytest.mark.parametrize("other", [
    {"x": np.ones(2, "int64")},  # another dtype
    {"x": np.ones((1, 2), "int32")},  # another shape
    {"x": np.array([1, 0], "int32")},
    {"y": np.ones(2, "int32")},
    {"x": np.ones(2, "int32"), "y": np.ones(2, "int32")},
    {"x": strings(b"\1\0\0\0\1\0\0\0", b"")},
])
def test_other_inputs_are_computed(other):
    cache = Cache(10**6)
    assert not asked(cache, {"x": np.ones(2, "int32")})
    assert not asked(cache, other)
    assert asked(cache, other) and asked(cache, {"x": np.ones(2, "int32")})


def test_other_numbers_that_compare_equal_are_computed():
    cache = Cache(10**6)
    assert not asked(cache, {"x": np.array([0.0, np.nan])})
    assert not asked(cache, {"x": np.array([-0.0, np.nan])})
    assert asked(cache, {"x": np.array([-0.0, np.nan])})


def test_where_a_string_ends_counts():
    cache = Cache(10**6)
    assert not asked(cache, {"x": strings(b"a", b"bc")})
    assert not asked(cache, {"x": strings(b"ab", b"c")})


def test_versions_and_signatures_are_not_mixed():
    cache = Cache(10**6)
    other = types.SimpleNamespace(serial=1)
    assert not asked(cache, {})
    assert not asked(cache, {}, model=other)
    assert not asked(cache, {}, signature="encode")
    cache.drop(MODEL)
    assert not asked(cache, {}) and asked(cache, {}, model=other)


def test_the_least_recently_asked_for_goes():
    cache = Cache(25_000)
    one, two, three = ({"x": np.array(i)} for i in range(3))
    for tensors in (one, two):
        assert not asked(cache, tensors, lambda: made(10_000))
    assert 20_000 < cache.bytes < 25_000
    assert asked(cache, one)
    assert not asked(cache, three, lambda: made(10_000))
    assert 20_000 < cache.bytes < 25_000
    assert asked(cache, one) and asked(cache, three)
    assert not asked(cache, two)
    # What would drive out all others is not kept.
    large = {"x": np.array(9)}
    whole = {"y": strings(bytes(30_000))}
    assert not asked(cache, large, lambda: whole)
    assert not asked(cache, large, lambda: whole) and asked(cache, two)
    cache.drop(MODEL)
    assert cache.bytes == 0


def test_errors_are_not_kept():
    cache = Cache(10**6)

    def refuse():
        raise invalid("no such label")

    for _ in range(2):
        with pytest.raises(ServingError, match="no such label"):
            asked(cache, {}, refuse)
    assert not asked(cache, {}) and asked(cache, {})


def together(cache, count, compute):
    """What `count` threads that ask for the same get, while one computes."""
    found, begun = [], threading.Event()

    def first():
        begun.set()
        return compute()

    def ask(compute):
        try:
            found.append(asked(cache, {}, compute))
        except ServingError as error:
            found.append(error)

    threads = [threading.Thread(target=ask, args=(first,))]
    threads[0].start()
    assert begun.wait(30)
    # None: whoever computed it again would fail.
    threads += [
        threading.Thread(target=ask, args=(None,)) for _ in range(count - 1)
    ]
    for thread in threads[1:]:
        thread.start()
    return found, threads


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_under_way_is_not_begun_again(fails):
    cache, go_on = Cache(10**6), threading.Event()

    def compute():
        assert go_on.wait(30)
        if fails:
            raise invalid("no")
        return made()

    found, threads = together(cache, 5, compute)
    go_on.set()
    for thread in threads:
        thread.join(30)
    if fails:
        assert [error.message for error in found] == ["no"] * 5
    else:
        assert sorted(found) == [False] + [True] * 4
    assert asked(cache, {}) != fails


def test_what_ends_after_its_version_is_not_kept():
    cache = Cache(10**6)
    found, threads = together(
        cache, 1, lambda: cache.drop(MODEL) or made()
    )
    threads[0].join(30)
    assert found == [False] and cache.bytes == 0
    assert not asked(cache, {})


@pytest.fixture
def root(tmp_path):
    tiny.add(tmp_path / "tiny", 1, tiny.FEW)
    return tmp_path


ROW = {"x": [1.0, 2.0], "shift": 3}


def test_both_protocols_share_it(root):
    with tiny.start(root) as serving:
        body = {"instances": [ROW]}
        answers = [
            tiny.predict(serving, "serving_default", **body) for _ in range(2)
        ]
        assert answers[0] == answers[1] and answers[0][0] == 200
        assert tiny.metrics(serving)[HITS] == 1
        channel = grpc.insecure_channel(serving.grpc_address)
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        request = asking.request(
            "tiny", x=np.float32([ROW["x"]]), shift=np.array([ROW["shift"]])
        )
        # Of the same inputs other outputs.
        request.output_filter.append("y")
        (y,) = stub.Predict(request, 30).outputs.values()
        channel.close()
        assert tf.make_ndarray(y).tolist() == [[5.0, 7.0]]
        found = tiny.metrics(serving)
        assert found[HITS] == 2 and found[MISSES] == 1
        assert found[":tensorflow:core:graph_runs"] == 1
        assert 0 < found[BYTES] < 3000
        # Another number, and what is refused.
        tiny.predict(serving, "small", instances=[99])
        tiny.predict(serving, "small", instances=[99])
        assert tiny.metrics(serving)[HITS] == 2
        assert tiny.metrics(serving)[BYTES] == found[BYTES]


def test_a_replaced_version_answers_anew(root):
    with tiny.start(root) as serving:
        def version():
            status, answer = tiny.predict(
                serving, "serving_default", instances=[ROW]
            )
            assert status == 200
            return answer["predictions"][0]["version"]

        assert version() == version() == 1
        shutil.rmtree(root / "tiny" / "1")
        tiny.add(root / "other", 2, tiny.FEW)
        (root / "other" / "2").rename(root / "tiny" / "1")
        serving.service.manager.poll()
        assert tiny.metrics(serving)[BYTES] == 0
        assert version() == version() == 2
        tiny.add(root / "tiny", 5, tiny.FEW)
        serving.service.manager.poll()
        assert tiny.metrics(serving)[BYTES] == 0 and version() == 5


def test_none_is_kept_where_none_is_wanted(root):
    with tiny.start(root, max_cache_bytes=0) as serving:
        for _ in range(2):
            tiny.predict(serving, "small", instances=[1])
        found = tiny.metrics(serving)
        assert HITS not in found and MISSES not in found
        assert found[":tensorflow:core:graph_runs"] == 2


def test_a_model_that_keeps_state_is_not_cached(tmp_path):
    path = tiny.add(tmp_path / "tiny", 1)  # one signature asks the clock
    assert not lint.keeps_no_state(path)
    with tiny.start(tmp_path) as serving:
        for _ in range(2):
            tiny.predict(serving, "small", instances=[1])
        assert HITS not in tiny.metrics(serving)

"""What a million files would take, told by some thousand."""

import threading
import tracemalloc

import numpy as np
import pytest

from keras_gen.data import cache, keyed
from keras_gen.data.loading import checked
from keras_gen.data.sources import cuts, decoded, layouts

COUNT = 20_000
NAMES = [f"{number:07}.png" for number in range(COUNT)]


class Store:
    """Files that are there by name alone."""

    path = "/files"

    @staticmethod
    def stamp(name):
        return len(name) + 1000, hash(name)


@pytest.fixture
def found():
    """The kind's columns, the shapes of items and the Group of NAMES."""
    kind, arguments = checked("images", {}, {"size": 8})
    layout = layouts.find(NAMES, kind, "train", arguments, "files")
    columns = kind.given(arguments)
    shapes = [column.shape(arguments) for column in columns.values()]
    return list(columns.values()), shapes, layout.groups[0].without(set())


def memory(function):
    """(what a function returns, bytes for each of COUNT files that are kept,
    and at the peak)"""
    tracemalloc.start()
    try:
        result = function()
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return result, kept / COUNT, peak / COUNT


def test_a_layout_keeps_little_beside_the_names():
    kind, arguments = checked("images", {}, {"size": 8})

    def group():
        layout = layouts.find(NAMES, kind, "train", arguments, "files")
        return layout.groups[0].without(set())

    _, kept, peak = memory(group)
    assert kept < 40  # rows that are tuples take 108
    assert peak < 250  # with a hash of each name 305


def test_opening_keeps_no_stamps(found, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path))
    columns, shapes, group = found
    rows, kept, peak = memory(
        lambda: decoded.Rows(Store, group, columns, shapes)
    )
    assert len(rows.group.rows) == len(group.rows)
    assert kept < 10
    assert peak < 50  # with all stamps, and their text, 254


def test_a_cache_is_found_whether_its_files_are_listed_or_told_one_by_one():
    parts = [("a.png", None), ("b\udc80.png", "left")]
    for some in (parts, parts[:1], []):
        assert cache.key(1, some) == cache.key(1, iter(some))
    assert cache.key(parts) != cache.key(parts[::-1])


@pytest.mark.parametrize("labelled", [False, True])
def test_a_run_of_broken_files_is_passed_in_a_few_steps(
    found, tmp_path, monkeypatch, labelled
):
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path))
    columns, shapes, group = found
    rows = decoded.Rows(Store, group, columns, shapes)
    count = len(group.rows)
    rows.labels = np.zeros(count) if labelled else None
    rows.cache.status[:count - 1] = cache.BROKEN
    for row in range(0, count, 1000):
        assert list(rows.alike(row)) == [count - 1]


def test_rows_alike_come_in_their_order_around_to_the_first(
    found, tmp_path, monkeypatch
):
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path))
    columns, shapes, group = found
    rows = decoded.Rows(Store, group, columns, shapes)
    count = len(group.rows)
    assert list(rows.alike(3)) == [*range(3, count), 0, 1, 2]
    rows.labels = np.arange(count) % 3
    assert list(rows.alike(4)) == [*range(4, count, 3), 1]
    rows.cache.status[7] = cache.BROKEN
    assert list(rows.alike(4))[:2] == [4, 10]


def test_one_name_is_enough_for_no_test_and_two_for_one():
    assert cuts.held_out([]) == cuts.held_out(["a", "a"]) == set()
    assert len(cuts.held_out(["a", "b"])) == 1
    # All of these are of the tenth: one of them is held out.
    tenth = sorted(cuts.held_out(NAMES))[:5]
    assert len(cuts.held_out(iter(tenth))) == 1


def test_readers_of_a_new_epoch_share_one_order(monkeypatch):
    calls, words, start = [], keyed.words, threading.Barrier(8)

    def counted(*key):
        calls.append(key)
        return words(*key)

    def read():
        start.wait()
        keyed.permutation(100_000, 4711, 1, 2)

    monkeypatch.setattr(keyed, "words", counted)
    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(calls) == 1


def test_every_kind_of_rows_can_be_thinned_out():
    group = layouts.Group(("image",), layouts.WholeFiles(NAMES[:4]), [0] * 4)
    thin = group.without({1})
    assert list(thin.rows) == [
        ((NAMES[place], None),) for place in (0, 2, 3)
    ]
    assert len(thin.labels) == 3
    halves = [((name, "left"), (name, "right")) for name in NAMES[:3]]
    pairs = layouts.Group(("input", "target"), halves).without({0, 2})
    assert pairs.rows == halves[1:2]

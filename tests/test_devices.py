"""Flags and TF_CONFIG: which devices they choose, and what they refuse."""

import importlib.util
import json

import keras
import pytest

from check import needs
from keras_gen.errors import InputError
from keras_gen.training import devices
from keras_gen.training.devices.cluster import Cluster, read_cluster

HOSTS = ("a:1", "b:2", "c:3")
THREE = Cluster((("chief", 0), ("worker", 0), ("worker", 1)), HOSTS, 2)
ALONE = Cluster((("worker", 0),), ("a:1",), 0)


@pytest.mark.parametrize(
    ("strategy", "given", "gpus", "cluster", "wanted"),
    [
        ("auto", None, 0, None, ("none", "CPU", (0,))),
        ("auto", None, 1, None, ("none", "GPU", (0,))),
        ("auto", None, 4, None, ("mirrored", "GPU", (0, 1, 2, 3))),
        ("auto", "2", 4, None, ("mirrored", "GPU", (0, 1))),
        ("auto", "0,2", 4, None, ("mirrored", "GPU", (0, 2))),
        ("auto", "2,", 4, None, ("none", "GPU", (2,))),
        ("auto", "cpu", 4, None, ("none", "CPU", (0,))),
        ("auto", "cpu:3", 0, None, ("mirrored", "CPU", (0, 1, 2))),
        ("none", None, 4, None, ("none", "GPU", (0,))),
        ("none", None, 0, THREE, ("none", "CPU", (0,))),
        ("mirrored", "1", 4, None, ("mirrored", "GPU", (0,))),
        ("mirrored", None, 0, None, ("mirrored", "CPU", (0,))),
        ("auto", None, 2, THREE, ("multiworker", "GPU", (0, 1))),
        ("multiworker", "cpu", 2, THREE, ("multiworker", "CPU", (0,))),
        ("multiworker", None, 2, ALONE, ("mirrored", "GPU", (0, 1))),
    ],
)
def test_what_flags_choose(strategy, given, gpus, cluster, wanted):
    plan = devices.decide(strategy, given, gpus, cluster)
    assert (plan.strategy, plan.kind, plan.numbers) == wanted
    workers = 3 if plan.strategy == "multiworker" else 1
    assert plan.replicas == len(wanted[2]) * workers


@pytest.mark.parametrize(
    ("strategy", "given", "gpus", "cluster", "words"),
    [
        ("auto", "2", 1, None, "more GPUs than TensorFlow sees (1)"),
        ("auto", "0,7", 4, None, "--devices=0,7 names more GPUs"),
        ("auto", "1,1", 4, None, "different GPUs"),
        ("auto", "0", 4, None, "--devices takes"),
        ("auto", "cpu:0", 0, None, "--devices takes"),
        ("auto", "tpu", 0, None, "got 'tpu'"),
        ("auto", "", 0, None, "got ''"),
        ("both", None, 4, None, "got 'both'"),
        ("none", "cpu:2", 0, None, "--strategy=none trains on one device"),
        ("multiworker", None, 0, None, "needs the environment variable"),
        ("auto", "cpu:2", 0, THREE, "splits the CPU of one process"),
    ],
)
def test_what_flags_are_refused(strategy, given, gpus, cluster, words):
    with pytest.raises(InputError) as refused:
        devices.decide(strategy, given, gpus, cluster)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("batch_size", "words"), [(8, "6 or 9"), (2, "--batch_size=3")]
)
def test_replicas_must_share_a_batch_equally(batch_size, words):
    plan = devices.decide("auto", "cpu:3", 0, None)
    with pytest.raises(InputError, match=words):
        plan.start(batch_size)


def config(cluster, job="worker", index=0):
    return json.dumps(
        {"cluster": cluster, "task": {"type": job, "index": index}}
    )


def test_a_cluster_is_read_with_its_chief_first():
    jobs = {"worker": ["b:2", "c:3"], "chief": ["a:1"]}
    assert read_cluster(config(jobs, "worker", 1)) == THREE
    assert read_cluster(config(jobs, "chief")).number == 0
    assert read_cluster(config({"worker": ["a:1"]})) == ALONE
    assert read_cluster(None) is read_cluster("") is read_cluster("{}") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{cluster", "is not JSON"),
        ("[]", "not a JSON object"),
        (config(["a:1"]), "cluster that is not a JSON object"),
        (config({"worker": ["a:1"], "ps": ["b:1"]}), "has ps in its cluster"),
        (config({"worker": "a:1"}), "give a list"),
        (config({"worker": []}), "give a list"),
        (config({"worker": ["a"]}), "give a list"),
        (config({"worker": ["a:1"]}, "chief"), "none of the types worker"),
        (config({"worker": ["a:1"]}, index=1), "task index 1; there are 1"),
        (config({"worker": ["a:1"]}, index="0"), "task index '0'"),
        (config({"chief": ["a:1", "b:1"]}, "chief"), "several chiefs"),
        ('{"cluster": {"worker": ["a:1"]}}', "a task of none of the types"),
    ],
)
def test_a_malformed_tf_config_is_refused(text, words):
    with pytest.raises(InputError) as refused:
        read_cluster(text)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@needs("torch")
@pytest.mark.parametrize(
    ("strategy", "given", "variable"),
    [
        ("mirrored", None, ""), ("multiworker", None, ""), ("auto", "2", ""),
        ("auto", None, config({"worker": ["a:1", "b:1"]})),
    ],
)
def test_torch_trains_on_one_device(strategy, given, variable, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", variable)
    with pytest.raises(InputError, match="KERAS_BACKEND=tensorflow"):
        devices.plan(strategy, given)
    assert devices.plan("none").start(5).describe().endswith(
        "strategy none, 1 replica"
    )


@pytest.mark.parametrize(
    ("backend", "gpus", "there", "lines"),
    [
        ("torch", [], True, 1), ("torch", ["A100"], True, 0),
        ("torch", [], False, 0), ("tensorflow", [], True, 0),
    ],
)
def test_the_faster_backend_is_told(backend, gpus, there, lines, monkeypatch):
    place = devices.Place(devices.Plan("none", "CPU", (0,)))
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    monkeypatch.setattr(devices.Place, "_gpus", lambda self: gpus)
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: there or None
    )
    found = list(place.advice())
    assert len(found) == lines
    assert all("set KERAS_BACKEND=tensorflow" in line for line in found)


@needs("tensorflow")
def test_devices_are_chosen_before_tensorflow_starts():
    import tensorflow as tf

    tf.zeros(1)
    with pytest.raises(InputError, match="TensorFlow already runs"):
        devices.plan("auto", "cpu:2").start(4)

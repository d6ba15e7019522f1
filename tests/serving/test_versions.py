"""Which versions are served, while they come, change and go."""

import shutil
import threading

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

from keras_gen.errors import InputError
from keras_gen.export import warm_up
from keras_gen.serving import servable
from keras_gen.serving.errors import ServingError
from keras_gen.serving.limits import Limits
from keras_gen.serving.manager import Manager
from serving import tiny


def add(folder, version):
    return tiny.add(folder, version, tiny.FEW)


def manager(root, config=None):
    """A `Manager` that has polled once."""
    file = None
    if config is not None:
        file = root.parent / "models.config"
        file.write_text(config)
    made = Manager(root, file, Limits(), lambda *_: None, lambda *_: None)
    made.poll()
    return made


def states(made, name="tiny"):
    return {n: v.state for n, v in made.status(name).items()}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def test_many_models_or_one(root):
    add(root / "tiny", 1)
    add(root / "other", 7)
    (root / "tiny" / "samples.png").write_text("no version")
    (root / "tiny" / "12.aside").mkdir()
    (root / "tiny" / "v3").mkdir()
    (root / "pictures").mkdir()
    (root / "numbers" / "1").mkdir(parents=True)
    made = manager(root)
    assert {n: list(v) for n, v in made.models().items()} == {
        "other": [7], "tiny": [1]
    }
    made = manager(root / "other")
    assert {n: list(v) for n, v in made.models().items()} == {"other": [7]}
    # A folder with a number as its name does not make it one model.
    (root / "7").mkdir()
    assert set(manager(root).models()) == {"other", "tiny"}


def test_a_new_version_takes_over(root):
    add(root / "tiny", 1)
    made = manager(root)
    first = made.servable("tiny")
    made.poll()
    assert made.servable("tiny") is first
    # 10 is above 9, not below.
    for number in (9, 10):
        add(root / "tiny", number)
    made.poll()
    assert states(made) == {10: "AVAILABLE", 1: "END"}
    assert made.servable("tiny").version == 10
    # Who has the old one may still use it.
    found = first.run("small", {"number": np.array([3], "int32")})
    assert found["number"].tolist() == [3]
    add(root / "late", 2)
    shutil.rmtree(root / "tiny" / "10")
    made.poll()
    assert states(made) == {10: "END", 9: "AVAILABLE", 1: "END"}
    assert made.servable("late").version == 2
    shutil.rmtree(root / "tiny")
    made.poll()
    assert set(states(made).values()) == {"END"}
    with pytest.raises(ServingError, match="Servable not found"):
        made.servable("tiny")


def test_a_broken_version_leaves_the_old_one(root, caplog):
    add(root / "tiny", 1)
    made = manager(root)
    broken = add(root / "tiny", 2)
    whole = (broken / "saved_model.pb").read_bytes()
    (broken / "saved_model.pb").write_bytes(whole[:-500])
    for _ in range(3):
        made.poll()
        assert states(made) == {2: "END", 1: "AVAILABLE"}
    assert made.status("tiny", 2)[2].error.message
    # Told once, in one line, and not tried again until it changes.
    errors = [r for r in caplog.records if r.levelname == "ERROR"]
    assert len(errors) == 1 and "\n" not in errors[0].getMessage()
    assert "cannot load tiny version 2" in errors[0].getMessage()
    (broken / "saved_model.pb").write_bytes(whole)
    made.poll()
    assert states(made) == {2: "AVAILABLE", 1: "END"}
    # A loaded version that is damaged goes on, too.
    (broken / "saved_model.pb").write_bytes(b"")
    made.poll()
    assert made.servable("tiny").version == 2


def test_a_replaced_version_is_loaded_again(root):
    add(root / "tiny", 1)
    made = manager(root)
    add(root.parent / "elsewhere", 5)
    shutil.rmtree(root / "tiny" / "1")
    (root.parent / "elsewhere" / "5").rename(root / "tiny" / "1")
    made.poll()
    found = made.servable("tiny").run("serving_default", {
        "x": np.zeros((1, 2), "float32"), "shift": np.zeros(1, "int64")
    })
    assert found["version"].tolist() == [5]


CONFIG = """
model_config_list {{
  config {{
    name: "a" base_path: "{0}/tiny" model_platform: "tensorflow"
    model_version_policy {{ specific {{ versions: 1 versions: 2 }} }}
    version_labels {{ key: "stable" value: 1 }}
    version_labels {{ key: "next" value: 3 }}
  }}
  config {{ name: "b" base_path: "tiny" model_version_policy {{ all {{}} }} }}
  config {{
    name: "c" base_path: "tiny"
    model_version_policy {{ latest {{ num_versions: 2 }} }}
  }}
}}
"""


def test_a_model_config(root):
    for number in (1, 2, 3):
        add(root / "tiny", number)
    made = manager(root, CONFIG.format(root))
    assert {n: list(v) for n, v in made.models().items()} == {
        "a": [1, 2], "b": [1, 2, 3], "c": [2, 3]
    }
    assert made.servable("a").version == 2
    assert made.servable("a", label="stable").version == 1
    assert list(made.status("a", label="stable")) == [1]
    with pytest.raises(ServingError, match=r"Specific\(a, 3\)"):
        made.servable("a", label="next")
    with pytest.raises(ServingError, match="Unrecognized") as caught:
        made.servable("b", label="stable")
    assert caught.value.code == "INVALID_ARGUMENT"


@pytest.mark.parametrize("config, words", [
    ('model_config_list { config { name: "a" base_path: "../tiny" } }',
     "lies outside"),
    ('model_config_list { config { name: "a" base_path: "/etc" } }',
     "lies outside"),
    ('model_config_list { config { name: "a" base_path: "link" } }',
     "lies outside"),
    ('model_config_list { config { name: "a" } }', "a name and a base_path"),
    ('model_config_list { config { name: "a" base_path: "tiny" } '
     'config { name: "a" base_path: "tiny" } }', "twice"),
    ('model_config_list { config { name: "a" base_path: "x" '
     'model_platform: "torch" } }', 'must be "tensorflow"'),
    ("model_config_list { confg { } }", "cannot read the model config"),
    ("", "has no model"),
])
def test_a_model_config_that_is_wrong(config, words, root):
    (root / "link").symlink_to(root.parent)
    with pytest.raises(InputError, match=words):
        manager(root, config)


def test_links_that_lead_out(root):
    """What is outside is a whole model: only the way to it is refused."""
    outside = add(root.parent / "outside", 3)
    add(root / "tiny", 1)
    (root / "tiny" / "2").symlink_to(outside)
    made = manager(root)
    assert made.status("tiny", 2)[2].error.code == "PERMISSION_DENIED"
    assert made.servable("tiny").version == 1
    (root / "model").symlink_to(outside.parent)
    made.poll()
    assert set(made.models()) == {"tiny"}
    # A version whose weights are elsewhere, at one step and at two.
    whole = add(root / "tiny", 4)
    shutil.rmtree(whole / "variables")
    (whole / "variables").symlink_to(outside / "variables")
    made.poll()
    assert "leads out" in made.status("tiny", 4)[4].error.message
    (root / "step").mkdir()
    for path in (outside / "variables").iterdir():
        (root / "step" / path.name).symlink_to(path)
    (whole / "variables").unlink()
    (whole / "variables").symlink_to(root / "step")
    made.poll()
    assert "leads out" in made.status("tiny", 4)[4].error.message
    assert made.servable("tiny").version == 1


def test_links_that_stay_inside(root):
    add(root / "tiny", 1)
    (root / "tiny" / "2").symlink_to(root / "tiny" / "1")
    (root / "again").symlink_to(root / "tiny")
    (root.parent / "entry").symlink_to(root)
    (root / "circle").symlink_to(root / "circle")
    made = manager(root.parent / "entry")
    assert made.servable("again").version == 2


def put_warm_up(folder, *logs):
    (folder / "assets.extra").mkdir()
    file = folder / warm_up.FILE
    with tf.io.TFRecordWriter(str(file)) as writer:
        for log in logs:
            writer.write(log.SerializeToString())


def log(number):
    request = predict_pb2.PredictRequest()
    request.model_spec.signature_name = "small"
    request.inputs["number"].CopyFrom(
        tf.make_tensor_proto(np.array([number], "int32"))
    )
    return prediction_log_pb2.PredictionLog(
        predict_log=prediction_log_pb2.PredictLog(request=request)
    )


def test_warm_up_requests_are_replayed(root, monkeypatch):
    ran = []
    run = servable.Servable.run

    def seen(self, name, tensors):
        ran.append((name, tensors["number"].tolist()))
        return run(self, name, tensors)

    monkeypatch.setattr(servable.Servable, "run", seen)
    version = add(root / "tiny", 1)
    other = prediction_log_pb2.PredictionLog()
    other.classify_log.SetInParent()
    put_warm_up(version, log(1), other, log(2))
    assert states(manager(root)) == {1: "AVAILABLE"}
    assert ran == [("small", [1]), ("small", [2])]


@pytest.mark.parametrize("number, words", [
    (99, "number out of range"), ([[1]], "shape"), (None, "TFRecord"),
])
def test_a_failing_warm_up_fails_the_version(root, number, words):
    version = add(root / "tiny", 1)
    if number is None:
        (version / "assets.extra").mkdir()
        (version / warm_up.FILE).write_bytes(b"no records at all")
        words = "corrupted"
    else:
        put_warm_up(version, log(number))
    made = manager(root)
    assert states(made) == {1: "END"}
    assert words in made.status("tiny")[1].error.message


def test_no_request_is_dropped(root):
    """Version 2 comes and version 1 goes while clients ask."""
    add(root / "tiny", 1)
    body = {"inputs": {"x": [[1, 2]], "shift": [0]}}
    seen, failed, done = set(), [], threading.Event()

    def keep_asking():
        while not done.is_set():
            status, answer = tiny.ask(
                serving, "/v1/models/tiny:predict", body
            )
            if status != 200 or answer["outputs"]["y"] != [[2.0, 4.0]]:
                failed.append((status, answer))
            else:
                seen.add(answer["outputs"]["version"][0])

    with tiny.start(root, poll_seconds=0.02) as serving:
        threads = [threading.Thread(target=keep_asking) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in (2, 3):
            tiny.until(lambda: seen, "an answer")
            seen.clear()
            add(root / "tiny", number)
            tiny.until(lambda: number in seen, f"an answer of {number}")
            shutil.rmtree(root / "tiny" / str(number - 1))
        done.set()
        for thread in threads:
            thread.join(30)
        status = tiny.ask(serving, "/v1/models/tiny")[1]
    assert not failed
    assert [v["state"] for v in status["model_version_status"]] == [
        "AVAILABLE", "END", "END"
    ]

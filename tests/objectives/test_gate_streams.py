"""Batches from generators, data sets and loaders are what arrays are."""

import keras
import numpy as np
import pytest

from check import BACKEND, installed, values
from keras_gen.errors import InputError
from objectives import tiny
from objectives.forms import (
    SOME,
    Sequence,
    batches,
    formed,
    losses,
    pictures,
)


def tf_data(columns, plain):
    tf = pytest.importorskip("tensorflow")
    data = tuple(columns.values()) if plain else columns
    data = data[0] if plain and len(data) == 1 else data
    return tf.data.Dataset.from_tensor_slices(data).batch(tiny.ROWS)


def loader(columns, plain):
    torch = pytest.importorskip("torch")
    rows = torch.utils.data.TensorDataset(
        *(torch.as_tensor(x) for x in columns.values())
    )
    return torch.utils.data.DataLoader(rows, batch_size=tiny.ROWS)


STREAMS = {
    "generator": batches,
    "iterator": lambda columns, plain: iter(list(batches(columns, plain))),
    "PyDataset": Sequence,
    "tf.data": tf_data,
    "DataLoader": loader,
}
# PyTorch takes long to import.
EACH = pytest.mark.parametrize("stream", [
    pytest.param(stream, marks=[pytest.mark.slow] * (stream in slow))
    for slow in [("iterator", "DataLoader")] for stream in STREAMS
])


@EACH
@SOME
def test_a_stream_is_the_same_in_all_forms(name, stream):
    model, columns = tiny.shared(name), tiny.data(name)
    expected = losses(model, columns)
    for i, form in enumerate(("uint8", "levels", "unit", "signed")):
        data = columns if form == "uint8" else formed(columns, form)
        data = STREAMS[stream](data, i % 2 == 0)
        found = model.evaluate(data, verbose=0, return_dict=True)
        assert found == pytest.approx(expected, rel=1e-4), form


@pytest.mark.parametrize("stream", [
    stream if stream == "tf.data" else
    pytest.param(stream, marks=pytest.mark.slow) for stream in STREAMS
])
def test_a_model_is_trained_by_a_stream_in_a_graph(stream):
    found = []
    for form in ("uint8", "levels"):
        columns = tiny.data("classifier")
        columns = columns if form == "uint8" else formed(columns, form)
        keras.utils.set_random_seed(0)
        model = tiny.compiled("classifier", run_eagerly=False)
        model.fit(
            STREAMS[stream](columns, True), verbose=0, shuffle=False,
            validation_data=STREAMS[stream](columns, True),
            steps_per_epoch=2, validation_steps=2,
        )
        assert model.steps_done == 2
        found.append(values(model))
    for a, b in zip(*found):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@EACH
def test_a_batch_of_a_stream_is_refused_in_its_turn(stream):
    columns = formed(tiny.data("classifier", 4 * tiny.ROWS), "levels")
    for column, value, words in [
        ("image", 4000, "image: the first batches were floats in 0 ... 255, "
         "then came one from 0 to 4000: scale all alike"),
        ("label", 3, "label must go from 0 to 2, got 0 to 3"),
    ]:
        wrong = {c: x.copy() for c, x in columns.items()}
        wrong[column][3 * tiny.ROWS] = value
        model = tiny.compiled("classifier")
        with pytest.raises(InputError) as error:
            model.fit(STREAMS[stream](wrong, True), verbose=0, shuffle=False)
        assert str(error.value) == words and model.steps_done < 4


@EACH
def test_small_batches_tell_the_scale_together(stream, capsys):
    """Of three pictures alone one could not know."""
    x = np.float32(pictures(24)) / 255
    x = (0.1 + 0.8 * x) ** 1.1
    x[16:] = np.float32(pictures(8)) / 255 * 0.98
    model = tiny.compiled("autoencoder")
    expected = model.evaluate(2 * x - 1, batch_size=tiny.ROWS, verbose=0)
    assert capsys.readouterr().err == ""
    found = model.evaluate(STREAMS[stream]({"image": x}, True), verbose=0)
    assert found == pytest.approx(expected, rel=1e-4)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "taken as [0, 1]" in said[0]


@pytest.mark.slow
def test_a_loader_of_dicts():
    torch = pytest.importorskip("torch")
    model, columns = tiny.compiled("classifier"), tiny.data("classifier")
    rows = [dict(zip(columns, row)) for row in zip(*columns.values())]
    loader = torch.utils.data.DataLoader(rows, batch_size=tiny.ROWS)
    if BACKEND == "torch":
        expected = losses(model, columns)
        found = model.evaluate(loader, verbose=0, return_dict=True)
        assert found == pytest.approx(expected, rel=1e-4)
        return
    with pytest.raises(InputError, match="tuples of image, label"):
        model.evaluate(loader, verbose=0)


@pytest.mark.skipif(not installed("tensorflow"), reason="Keras' reader")
def test_pictures_of_a_folder_as_keras_reads_them(tmp_path, capsys):
    from PIL import Image

    x, label = pictures(12), np.arange(12) % 2
    for i, picture in enumerate(x):
        folder = tmp_path / "ab"[label[i]]
        folder.mkdir(exist_ok=True)
        Image.fromarray(picture).save(folder / f"{i:02}.png")
    # Class after class.
    x = np.concatenate([x[0::2], x[1::2]])

    def read(mode):
        return keras.utils.image_dataset_from_directory(
            tmp_path, image_size=(16, 16), batch_size=4, shuffle=False,
            label_mode=mode, verbose=False,
        )

    label = np.repeat([0, 1], 6)
    model = tiny.compiled("classifier")
    expected = model.evaluate(x, label, batch_size=4, verbose=0)
    found = model.evaluate(read("binary"), verbose=0)
    assert found == pytest.approx(expected, rel=1e-4)
    with pytest.raises(InputError, match="one-hot"):
        model.evaluate(read("categorical"), verbose=0)
    model = tiny.compiled("autoencoder")
    expected = model.evaluate(x, batch_size=4, verbose=0)
    assert capsys.readouterr().err == ""
    for mode in (None, "int"):
        found = model.evaluate(read(mode), verbose=0)
        assert found == pytest.approx(expected, rel=1e-4)
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"{model.name}: y: left out, for Autoencoder trains on image alone"
    ]

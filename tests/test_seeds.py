"""Seeds of any size and sign, and the process' own random numbers."""

import os
import random
import re

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from check import BACKEND, TESTS
from keras_gen import data, evaluation, explore, metrics, plot, seeds, zoo
from keras_gen.errors import InputError
from keras_gen.training import trainer

# Some of each sort; equal ones are the same 64 bits.
ODD = [-5, 2**63 - 1, 2**63, 2**64 - 5, 12345678901234567890123,
       np.int64(-5), np.uint64(2**64 - 5), np.int32(7)]


@given(st.integers())
def test_a_seed_is_its_low_64_bits(seed):
    assert seeds.word(seed) == seed & (2**64 - 1)
    assert np.int64(seeds.signed(seed)).view("uint64") == seeds.word(seed)
    if -2**63 <= seed < 2**63:
        assert seeds.signed(seed) == seed


@given(st.integers(), st.integers(0, 5))
def test_the_seeds_after_one_never_end(seed, n):
    assert seeds.numbered(seed, n).tolist() == [
        seeds.signed(seed + i) for i in range(n)
    ]


@pytest.mark.parametrize("seed", [1.5, "7", None, [1], np.float32(2)])
def test_what_is_no_whole_number_is_refused(seed):
    with pytest.raises(InputError, match="give a whole number"):
        seeds.word(seed)


@pytest.fixture(scope="module")
def model():
    return zoo.recipe("vae_shapes").smoke().build()


@pytest.fixture(scope="module")
def pix2pix():
    return zoo.recipe("pix2pix_shapes").smoke().build()


def test_all_seeds_make_pictures_and_the_same_bits_the_same(model):
    found = {
        seeds.word(seed): model.generate(2, seed=seed).tobytes()
        for seed in ODD
    }
    assert len(set(found.values())) == len(found) == 5
    wrapped = model.generate(2, seed=2**64 - 5)
    np.testing.assert_array_equal(wrapped, model.generate(2, seed=-5))
    # The one after the largest is the smallest.
    np.testing.assert_array_equal(
        model.generate(2, seed=2**63 - 1)[1],
        model.generate(1, seed=-2**63)[0],
    )


def test_existing_seeds_make_what_they_made(model):
    numbers = np.arange(7, 10, dtype="int64")
    made = model.made.restore(model.run(
        "sample", keras.ops.convert_to_tensor(numbers)
    ))
    np.testing.assert_array_equal(model.generate(3, seed=7), made)
    assert seeds.generator(7).random() == np.random.default_rng(7).random()


PICTURES = np.random.default_rng(0).integers(
    0, 256, (12, 8, 8, 3), "uint8"
)
POINTS = np.random.default_rng(0).normal(size=(40, 2))


@pytest.mark.parametrize("seed", ODD, ids=str)
def test_every_function_takes_every_seed(seed, model, pix2pix, tmp_path):
    explore.latents(model, [seed])
    explore.truncations(model, [0.5, 1.0], 1, seed)
    model.preview({"image": np.zeros((32, 32, 32, 3), "uint8")}, seed)
    pix2pix.translate(np.zeros((1, 64, 64, 3), "uint8"), seed=seed)
    dataset = data.load("shapes", "images", size=16, seed=seed)
    dataset.batches(4, 2, seed=seed)[0]
    data.load("ring", "points", seed=seed).take([0])
    metrics.inception_score(np.full((12, 2), 0.5), splits=2, seed=seed)
    metrics.kernel_distance(POINTS, POINTS, seed=seed)
    metrics.ring().draw(3, seed)
    evaluation.compare(
        PICTURES, PICTURES, features=None, metrics=["diversity"], size=8,
        seed=seed,
    )


@pytest.mark.parametrize("seed", [-5, 1234567890123456789012, np.int64(-5)])
def test_a_recipe_takes_every_seed(seed):
    recipe = zoo.recipe("gan_ring").smoke().override({"train.seed": seed})
    model = recipe.build()
    assert model.seed == seeds.signed(seed)
    model.run_eagerly = True
    batches = recipe.batches(recipe.dataset(), model)
    model.fit(batches, verbose=0, shuffle=False, epochs=1)
    other = recipe.override({"train.seed": 5}).build()
    assert not np.array_equal(*(
        x.generator.get_weights()[0] for x in (model, other)
    ))
    assert f"seed = {int(seed)}" in recipe.to_toml()


def test_no_file_draws_random_numbers_of_another_seed():
    """NumPy's generator refuses negative seeds: it is asked by seeds.py."""
    wrong = [
        f"{path.name}: {line.strip()}"
        for path in (TESTS.parent / "keras_gen").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"default_rng\((?!\d|n\)|word\()", line)
        or re.search(r"np\.random\.(seed|rand|normal|choice)\b", line)
        and path.name != "seeds.py"
    ]
    assert not wrong


# -- the process' own ----------------------------------------------------


def state():
    """All that the process draws random numbers from."""
    found = [
        random.getstate(), np.random.get_state()[1].tolist(),
        np.random.get_state()[2],
        keras.src.backend.common.global_state.get_global_attribute(
            "global_random_seed"
        ),
    ]
    if BACKEND == "tensorflow":
        from tensorflow.python.framework import random_seed

        return found + [random_seed.get_seed(None)[0]]
    import torch

    return found + [torch.get_rng_state().tolist()]


def train(tmp_path):
    trainer.run(zoo.recipe("gan_ring").smoke(), tmp_path / "run")


PUBLIC = {
    "load": lambda model, path: zoo.load("gan_ring"),
    "build": lambda model, path: zoo.recipe("dcgan_shapes").smoke().build(),
    "generate": lambda model, path: model.generate(2),
    "average": lambda model, path: zoo.recipe(
        "gan_shapes"
    ).smoke().build().average(0.9, ["generator"]),
    "train": lambda model, path: train(path),
    "grid": lambda model, path: plot.grid(PICTURES, path / "x.png"),
    "batches": lambda model, path: data.load("shapes", "images", size=16)
    .batches(2, 1)[0],
    "compare": lambda model, path: evaluation.compare(
        PICTURES, PICTURES, features=None, metrics=["diversity"], size=8
    ),
    **({
        "export": lambda model, path: model.export(path / "export"),
    } if BACKEND == "tensorflow" else {}),
}


@pytest.mark.parametrize("name", PUBLIC)
def test_the_process_draws_what_it_would_have_drawn(name, model, tmp_path):
    keras.utils.set_random_seed(1234)
    before = state()
    PUBLIC[name](model, tmp_path)
    assert state() == before


def test_random_numbers_of_the_system_are_not_needed_for_weights():
    """Two programs that differ in their own seeds build the same model."""
    found = []
    for seed in (1, 2):
        keras.utils.set_random_seed(seed)
        model = zoo.recipe("gan_shapes").smoke().build()
        found.append(model.generator.get_weights())
    for a, b in zip(*found):
        np.testing.assert_array_equal(a, b)


def test_the_command_line_takes_them(tmp_path, capsys):
    from keras_gen import cli

    for seed in ("-5", "12345678901234567890123"):
        out = tmp_path / f"{seed}.png"
        cli.main([
            "sample", "gan_ring", "--n=4", f"--seed={seed}", f"--out={out}"
        ])
        assert os.path.getsize(out)

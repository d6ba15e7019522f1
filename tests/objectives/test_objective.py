"""The base class: players, batches, replicas, splits."""

import keras
import numpy as np
import pytest
from keras import layers

from check import array, tensor
from keras_gen.backend import replication
from keras_gen.errors import InputError
from keras_gen.networks import dcgan, mlp, patchgan, unet
from keras_gen.objectives.autoencoder import Autoencoder
from keras_gen.objectives.base.objective import Objective
from keras_gen.objectives.base.tensors import split
from keras_gen.objectives.cgan import CGAN
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.pix2pix import Pix2Pix
from keras_gen.objectives.vae import VAE
from keras_gen.objectives.wgan import WGAN
from objectives import tiny

PICTURE = {"size": 16, "channels": 3, "width": 4}
LATENT = {**PICTURE, "latent_dim": 5}


@pytest.mark.parametrize("players", [
    ["generator"], ["generator", "critic"],
    ["generator", "discriminator", "critic"], [],
])
def test_compile_takes_an_optimizer_for_each_player(players):
    model = tiny.build("gan_r1")
    with pytest.raises(InputError, match="discriminator, generator"):
        model.compile({player: tiny.adam() for player in players})


def accumulating():
    return keras.optimizers.Adam(gradient_accumulation_steps=2)


def scaled_accumulating():
    return keras.optimizers.LossScaleOptimizer(accumulating())


@pytest.mark.parametrize("option, optimizer, kwargs", [
    ("jit_compile", tiny.adam, {"jit_compile": True}),
    ("steps_per_execution", tiny.adam, {"steps_per_execution": 2}),
    ("gradient_accumulation_steps", accumulating, {}),
    ("gradient_accumulation_steps", scaled_accumulating, {}),
])
def test_compile_refuses_some_options_with_replicas(
    monkeypatch, option, optimizer, kwargs
):
    """In a real strategy: `test_agreement.py`."""
    model = tiny.build("gan_r1")
    monkeypatch.setattr(replication, "replicas", lambda: 2)
    with pytest.raises(InputError, match=option):
        model.compile({p: optimizer() for p in model.players}, **kwargs)
    monkeypatch.setattr(replication, "replicas", lambda: 1)
    model.compile({p: optimizer() for p in model.players}, **kwargs)


def test_optimizers_are_built_by_compile():
    model = tiny.compiled("gan_r1")
    for player, optimizer in model.optimizers.items():
        assert optimizer.built
        # Two slots of each variable, iterations and learning rate.
        variables = len(model.variables_of(player))
        assert len(optimizer.variables) == 2 + 2 * variables


def test_a_model_is_built_from_the_start():
    model = tiny.build("gan")
    assert model.built
    model.compile({p: tiny.adam() for p in model.players})
    assert model.get_compile_config()["optimizers"].keys() == {
        "discriminator", "generator"
    }
    assert tiny.build("gan").get_compile_config() is None


def test_unused_layers_are_an_error():
    class Spare(keras.Model):
        """A discriminator with a layer that it leaves out."""

        def __init__(self):
            super().__init__()
            self.flatten = layers.Flatten()
            self.used, self.spare = layers.Dense(1), layers.Dense(1)
            self(np.zeros((1, 16, 16, 3), "float32"))
            self.spare.build((None, 768))

        def call(self, x, training=False):
            return self.used(self.flatten(x))

    model = GAN(mlp.generator(**LATENT), Spare())
    model.compile(
        {p: tiny.adam() for p in model.players}, run_eagerly=True
    )
    spare = model.discriminator.spare.kernel.path
    with pytest.raises(ValueError, match=spare):
        model.train_step(tiny.data("gan_r1", 4))


def test_update_and_noise_belong_inside_a_step():
    model = tiny.compiled("vae_gaussian")
    for call in (
        lambda: model.noise, lambda: model.update("vae", lambda: 0.0),
    ):
        with pytest.raises(RuntimeError, match="train_step"):
            call()
    # Neither after a step, nor after one that failed.
    model.train_step(tiny.data("vae_gaussian", 2))
    with pytest.raises(InputError):
        model.train_step({"wrong": 0})
    with pytest.raises(RuntimeError):
        model.noise


def test_an_objective_must_have_a_step():
    model = Objective()
    model.compile({}, run_eagerly=True)
    model.types = {}
    with pytest.raises(NotImplementedError):
        model.train_step({})


# -- splits ------------------------------------------------------------------


def test_a_split_takes_every_row_once_in_strides():
    batch = {"image": tensor(np.arange(12)), "label": tensor(np.arange(12))}
    parts = split(batch, 3)
    for i, part in enumerate(parts):
        for column in batch:
            np.testing.assert_array_equal(
                array(part[column]), np.arange(i, 12, 3)
            )
    assert len(parts) == 3


def test_replicas_train_on_the_batches_of_one_device():
    rows = tensor(np.arange(12))
    one = [array(part) for part in split(rows, 3)]
    first, second = split(rows[:6], 3), split(rows[6:], 3)
    for whole, a, b in zip(one, first, second):
        np.testing.assert_array_equal(
            whole, np.concatenate([array(a), array(b)])
        )


@pytest.mark.parametrize("rows", range(1, 12))
def test_a_split_of_any_rows_has_no_empty_part(rows):
    parts = [array(part) for part in split(tensor(np.arange(rows)), 5)]
    assert len(parts) == 5
    assert sorted(set(np.concatenate(parts))) == list(range(rows))
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1 and min(sizes) >= 1
    if rows >= 5:
        assert sum(sizes) == rows


@pytest.mark.parametrize("name, loss", [
    ("gan", "discriminator_loss"), ("wgan_penalty", "critic_loss"),
])
def test_each_critic_step_sees_fresh_data(name, loss):
    model = tiny.compiled(name)
    assert model.updates_per_step == 2
    seen, original = [], getattr(model, loss)

    def recorded(real, *rest):
        seen.append(array(real))
        return original(real, *rest)

    object.__setattr__(model, loss, recorded)
    columns = tiny.data(name)
    model.train_step(columns)
    pictures = np.float32(columns["image"]) / np.float32(127.5) - 1
    assert len(seen) == 2
    for i, rows in enumerate(seen):
        np.testing.assert_allclose(rows, pictures[i::2], atol=1e-6)


# -- arguments ---------------------------------------------------------------


@pytest.mark.parametrize("kwargs", [
    {}, {"clip": 0.1, "gradient_penalty": 1.0},
    {"clip": 0.0, "gradient_penalty": 0.0},
])
def test_wgan_takes_clip_or_penalty(kwargs):
    with pytest.raises(InputError, match="clip"):
        WGAN(
            mlp.generator(**LATENT), mlp.discriminator(**PICTURE), **kwargs
        )


def test_wgan_refuses_batch_normalization_with_the_penalty():
    generator, critic = dcgan.generator(**LATENT), dcgan.discriminator(
        normalization="batch", **PICTURE
    )
    with pytest.raises(InputError, match="batch normalization"):
        WGAN(generator, critic, gradient_penalty=10.0)
    nested = keras.Sequential([keras.Input((16, 16, 3)), critic])
    with pytest.raises(InputError, match="batch normalization"):
        WGAN(generator, nested, gradient_penalty=10.0)
    WGAN(generator, critic, clip=0.01)


def test_pix2pix_refuses_batch_normalization_with_dropout_at_test():
    discriminator = patchgan.discriminator(condition_channels=3, width=4)
    for normalization in ("batch", "instance"):
        generator = unet.generator(
            size=16, width=4, normalization=normalization
        )
        if normalization == "batch":
            with pytest.raises(InputError, match="dropout_at_test"):
                Pix2Pix(generator, discriminator, dropout_at_test=True)
        else:
            Pix2Pix(generator, discriminator, dropout_at_test=True)


def test_other_arguments():
    gan = mlp.generator(**LATENT), mlp.discriminator(**PICTURE)
    for steps in (0, 1.5, -1):
        with pytest.raises(InputError, match="discriminator_steps"):
            GAN(*gan, discriminator_steps=steps)
        with pytest.raises(InputError, match="critic_steps"):
            WGAN(*gan, clip=0.1, critic_steps=steps)
    with pytest.raises(InputError, match="adversarial"):
        GAN(*gan, adversarial="wrong")
    vae = mlp.gaussian_encoder(**LATENT), mlp.decoder(**LATENT)
    for wrong in (
        {"likelihood": "laplace"}, {"sigma": 0.0}, {"beta": -1.0},
    ):
        with pytest.raises(InputError):
            VAE(*vae, **wrong)
    with pytest.raises(InputError, match="l1"):
        Autoencoder(*vae, reconstruction_loss="bernoulli")


def test_clipping_survives_saving(tmp_path):
    tiny.compiled("wgan_clip").save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    for variable in model.critic.trainable_variables:
        assert variable.constraint.limit == 0.02
    for variable in model.generator.trainable_variables:
        assert variable.constraint is None


# -- losses of the players ---------------------------------------------------


def test_beta_weighs_the_kl_in_the_loss_and_not_in_the_elbo():
    model = tiny.compiled("vae")
    logs = {
        k: float(array(v))
        for k, v in model.test_step(tiny.data("vae", 4)).items()
    }
    assert logs["vae_loss"] == pytest.approx(
        logs["reconstruction"] + 2 * logs["kl"], rel=1e-5
    )
    assert logs["elbo"] == pytest.approx(
        -logs["reconstruction"] - logs["kl"], rel=1e-5
    )


def test_both_networks_of_a_cgan_see_the_label():
    model = tiny.compiled("cgan")
    image = tensor(np.zeros((3, 16, 16, 3)))
    label = tensor([0, 1, 2], "int32")
    logits = array(model.discriminator({"image": image, "label": label}))
    assert len(np.unique(logits)) == 3
    pictures = model.generate(3, seed=1, label=0)
    other = model.generate(3, seed=1, label=[0, 1, 2])
    np.testing.assert_array_equal(pictures[0], other[0])
    assert (pictures[1:] != other[1:]).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("label", [
    3, -1, [0, 1, 3, 0], [0, 1], 1.0, [[0], [1], [2], [0]], "one",
])
def test_labels_out_of_range_are_an_error(label):
    model = tiny.build("cgan")
    assert isinstance(model, CGAN)
    with pytest.raises(InputError, match="label"):
        model.generate(4, seed=0, label=label)


# -- pictures ----------------------------------------------------------------


def rows_of_dropout():
    generator = unet.generator(size=16, width=4, normalization="instance")
    discriminator = patchgan.discriminator(condition_channels=3, width=4)
    return Pix2Pix(generator, discriminator, dropout_at_test=True)


def test_dropout_at_test_follows_the_seed_of_each_row():
    model = rows_of_dropout()
    picture = tiny.data("pix2pix")["input"][:1]
    # The gains of a new network hide the innermost layers: open them.
    for variable in model.generator.trainable_variables:
        variable.assign(8 * variable)
    several = model.translate(np.repeat(picture, 3, axis=0), seed=4)
    assert (several[0] != several[1]).any()
    for i in range(3):
        alone = model.translate(picture, seed=4 + i)
        assert np.abs(np.int32(alone[0]) - several[i]).max() <= 1
    assert (model.generate(1, seed=4, input=picture) == alone).sum() < (
        alone.size
    )
    np.testing.assert_array_equal(
        model.generate(1, seed=6, input=picture), alone
    )
    with pytest.raises(InputError, match="input"):
        model.generate(2, seed=4, input=picture)


def test_without_dropout_at_test_the_seed_does_not_matter():
    model = tiny.build("pix2pix")
    pictures = tiny.data("pix2pix")["input"][:2]
    np.testing.assert_array_equal(
        model.translate(pictures, seed=0), model.translate(pictures, seed=9)
    )


def test_translations_of_any_size_and_either_way():
    model = tiny.build("cyclegan")
    pictures = np.random.default_rng(0).integers(0, 256, (9, 13, 18, 3))
    pictures = pictures.astype("uint8")
    b, a = model.translate(pictures), model.translate(pictures, to="a")
    assert b.shape == a.shape == pictures.shape
    assert (a != b).any()
    last = model.translate(pictures[8:])
    assert np.abs(np.int32(b[8:]) - last).max() <= 1
    with pytest.raises(InputError, match="to 'c'"):
        model.translate(pictures, to="c")
    for wrong in (pictures[0], pictures[..., :1], pictures[:0]):
        with pytest.raises(InputError, match="uint8"):
            model.translate(wrong)


def test_codes_and_reconstructions():
    model = tiny.build("vae")
    pictures = tiny.data("vae", 70)["image"]
    codes = model.encode(pictures)
    assert codes.shape == (70, 5)
    np.testing.assert_allclose(
        codes[66:], model.encode(pictures[66:]), atol=1e-5
    )
    again = model.reconstruct(pictures[:3])
    assert again.shape == (3, 16, 16, 3) and again.dtype == np.uint8
    with pytest.raises(InputError, match="image: expected numbers from 0"):
        model.encode(pictures * 16.0)

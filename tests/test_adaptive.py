"""ADA: as much augmentation as the judge needs."""

import keras
import numpy as np
import pytest

from check import array, assert_same, tensor, values
from keras_gen.augmentation import AdaptiveAugment
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN
from keras_gen.zoo import checkpoint
from objectives import tiny

rng = np.random.default_rng(0)


class Kept(dict):
    """A memory without a model."""

    def __init__(self, owner):
        super().__init__({k: tensor(v) for k, v in owner.remembers.items()})

    def keep(self, **numbers):
        self.update(numbers)

    def __call__(self):
        return {k: float(array(v)) for k, v in self.items()}


@pytest.mark.parametrize("target", [0.6, 0.0])
def test_the_probability_follows_the_papers_rule(target):
    augment = AdaptiveAugment(target=target, images=1000)
    memory, probability = Kept(augment), 0.0
    # Sure for a while, then not, then in between, then sure again.
    random = np.random.default_rng(1)
    signs = np.concatenate([
        random.uniform(*ends, steps) for *ends, steps in [
            (0.7, 1.0, 80), (-1.0, -0.2, 100),
            (target - 0.4, target + 0.4, 60), (0.9, 1.0, 8),
        ]
    ])
    seen = []
    for step, sign in enumerate(signs):
        augment.learn(memory, tensor(sign), 32, step)
        if step % 4 == 3:
            mean = signs[step - 3:step + 1].mean()
            probability += np.sign(mean - target) * 32 * 4 / 1000
            probability = min(max(probability, 0), 1)
        seen.append(probability)
        assert memory()["probability"] == pytest.approx(probability, abs=1e-5)
    # It has been everywhere.
    assert max(seen) == 1 and 0 in seen[100:] and 0 < seen[-1] < 1


def test_the_papers_numbers_are_the_defaults():
    """After 4 steps of 64 pictures a surer judge than 0.6 sees 256 in
    500,000 more of them changed."""
    augment = AdaptiveAugment()
    memory = Kept(augment)
    for step in range(4):
        assert memory()["probability"] == 0
        augment.learn(memory, tensor(0.61), 64, step)
    assert memory()["probability"] == pytest.approx(256 / 500_000)
    assert memory()["signs"] == memory()["seen"] == 0
    for step in range(4, 8):
        augment.learn(memory, tensor(0.59), 64, step)
    assert memory()["probability"] == 0


def test_steps_of_several_updates_count_all_their_pictures():
    augment = AdaptiveAugment(images=1000, every=2)
    memory = Kept(augment)
    for step in (0, 0, 1, 1):
        augment.learn(memory, tensor(1.0), 10, step)
    assert memory()["probability"] == pytest.approx(40 / 1000)


def test_as_many_pictures_are_changed():
    pictures = tensor(rng.uniform(-1, 1, (400, 4, 4, 3)))
    augment = AdaptiveAugment(["colour"])
    memory, shares = Kept(augment), []
    for probability in (0.0, 0.3, 1.0):
        memory["probability"] = tensor(probability)
        after = array(augment(pictures, noise.Stream(5), memory))
        changed = (after != array(pictures)).any((1, 2, 3))
        shares.append(changed.mean())
    assert shares[0] == 0 and shares[2] == 1
    # Four deviations of the share of 400.
    assert abs(shares[1] - 0.3) < 4 * (0.3 * 0.7 / 400) ** 0.5


# -- in a game ---------------------------------------------------------------


def game(augment, offset=0.0, **options):
    """A judge that says the same of all."""
    plain = tiny.build("gan")
    image = keras.Input((16, 16, 3), name="image")
    said = keras.layers.Dense(
        1, kernel_initializer="zeros",
        bias_initializer=keras.initializers.Constant(offset),
    )(keras.layers.Flatten()(image))
    model = GAN(plain.generator, keras.Model(image, said), augment=augment,
                seed=3, **options)
    model.compile({p: keras.optimizers.SGD(0.0) for p in model.players},
                  run_eagerly=True)
    return model


BATCH = tiny.data("gan", 8)


def probabilities(model, steps):
    """What the steps log."""
    logs = [model.train_step(BATCH) for _ in range(steps)]
    return [float(array(x["augmented"])) for x in logs]


@pytest.mark.parametrize("adversarial, offset, rises", [
    ("non_saturating", 0.1, True), ("non_saturating", -0.1, False),
    # The boundary of least squares is 1/2.
    ("least_squares", 0.6, True), ("least_squares", 0.4, False),
    ("hinge", 0.1, True),
])
def test_it_rises_where_the_judge_is_sure_of_what_is_real(
    adversarial, offset, rises
):
    augment = AdaptiveAugment(images=100, every=2)
    found = probabilities(game(augment, offset, adversarial=adversarial), 5)
    step = 16 / 100 if rises else 0
    assert found == pytest.approx([0, 0, step, step, 2 * step])


def test_two_updates_of_the_judge_share_a_batch():
    augment = AdaptiveAugment(images=100, every=1)
    found = probabilities(game(augment, 0.1, discriminator_steps=2), 3)
    # Four pictures each; a step logs the second.
    assert found == pytest.approx([0.04, 0.12, 0.20])


def test_what_it_keeps_moves_in_training_alone_and_is_saved(tmp_path):
    model = game(AdaptiveAugment(images=100, every=2), 0.1)
    probabilities(model, 3)
    kept = [float(array(v)) for v in model.kept_by("discriminator")]
    assert kept == pytest.approx([0.16, 8, 8])
    assert model.kept_by("generator") == []
    model.test_step(BATCH)
    model.judgement(BATCH)
    assert [float(array(v)) for v in model.kept_by("discriminator")] == kept
    checkpoint.write(model, tmp_path)
    other = game(AdaptiveAugment(images=100, every=2), 0.1)
    checkpoint.restore(other, tmp_path)
    for each in (model, other):
        probabilities(each, 1)
    assert_same(values(model), values(other))


@pytest.mark.parametrize("adversarial", ["relativistic", "wasserstein"])
def test_losses_without_a_boundary_are_refused(adversarial):
    with pytest.raises(InputError, match="no boundary between real and made"):
        game(AdaptiveAugment(), adversarial=adversarial)


def test_a_critic_has_no_boundary():
    plain = tiny.build("wgan_clip")
    with pytest.raises(InputError, match="how often the critic is right"):
        WGAN(plain.generator, plain.critic, clip=0.1,
             augment=AdaptiveAugment())


# -- what is given -----------------------------------------------------------


def test_the_configuration_comes_back():
    augment = AdaptiveAugment(["cutout"], target=0.5, images=7, every=3)
    copy = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(augment)
    )
    assert isinstance(copy, AdaptiveAugment)
    assert copy.policy == ("cutout",)
    assert (copy.target, copy.images, copy.every) == (0.5, 7, 3)


@pytest.mark.parametrize("options, words", [
    ({"target": 1.1}, "target must be"), ({"target": "x"}, "target must be"),
    ({"images": 0}, "images must be"), ({"every": 0.5}, "every must be"),
    ({"policy": 3}, "policy must be"),
])
def test_impossible_options_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        AdaptiveAugment(**options)

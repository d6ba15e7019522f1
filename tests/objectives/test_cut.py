"""CUT's own: places, what its losses are, what it refuses."""

import numpy as np
import pytest

from check import array, tensor
from keras_gen.errors import InputError
from keras_gen.networks import patch_features, patchgan, srgan
from keras_gen.objectives import CUT, cut
from objectives import tiny


def batch(rows=3):
    return tiny.data("cut", rows)


def floats(pictures):
    return pictures.astype("float32") / 127.5 - 1


def places_of(step, model, data):
    """A step's logs, and the places drawn for them: [(height * width, places
    (n, k)), ...]."""
    drawn, draw = [], type(model).drawn_places

    def spy(maps):
        drawn.append((maps.shape[1] * maps.shape[2], draw(model, maps)))
        return drawn[-1][1]

    object.__setattr__(model, "drawn_places", spy)
    logs = {k: float(array(v)) for k, v in step(data).items()}
    return logs, [(size, array(at)) for size, at in drawn]


def test_maps_are_looked_at_where_it_is_said():
    maps = np.random.default_rng(0).normal(size=(3, 4, 6, 5))
    at = np.array([[0, 23, 7], [7, 6, 1], [5, 5, 22]])
    found = array(cut._at(tensor(maps), tensor(at, "int32")))
    rows = maps.reshape(3, 24, 5)
    expected = np.stack([rows[i, at[i]] for i in range(3)])
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_places_are_other_ones_for_each_picture_map_and_step():
    model, sets = tiny.compiled("cut"), []
    for _ in range(2):
        _, drawn = places_of(model.train_step, model, batch())
        # The input, half and quarter of 16 pixels, of a and of b.
        assert [(size, at.shape) for size, at in drawn] == 2 * [
            (256, (3, 100)), (64, (3, 64)), (16, (3, 16)),
        ]
        for size, at in drawn:
            found = [frozenset(row.tolist()) for row in at]
            assert all(len(one) == len(at[0]) for one in found)
            assert all(one <= set(range(size)) for one in found)
            sets += found if size == 256 else []
    assert len(sets) == len(set(sets)) == 12


def test_all_places_are_drawn_alike():
    """100 of 256 in 48 draws: each 18.75 times, with a deviation of 3.4."""
    model, counts = tiny.compiled("cut"), np.zeros(256)
    for _ in range(3):
        _, drawn = places_of(model.train_step, model, batch(8))
        counts += sum(
            np.bincount(at.ravel(), minlength=256)
            for size, at in drawn if size == 256
        )
    assert counts.sum() == 3 * 2 * 8 * 100
    assert counts.min() > 4 and counts.max() < 34
    assert 2.6 < counts.std() < 4.2


def cross_entropy(query, key, temperature=0.07):
    query, key = (
        x.astype("float64") / np.linalg.norm(x, axis=2, keepdims=True)
        for x in (query, key)
    )
    similar = np.einsum("npd,nqd->npq", query, key) / temperature
    own = np.einsum("npp->np", similar)
    return (np.log(np.exp(similar).sum(2)) - own).mean()


@pytest.mark.parametrize("name", ["cut", "cut_fast"])
def test_its_losses_are_the_papers(name):
    """Section 3 and the authors' code, at fixed inputs, network by network."""
    model, data = tiny.compiled(name), batch()
    for head in model.heads:
        # From the start all directions are nearly the same.
        for kernel in head.trainable_variables:
            kernel.assign(kernel * 20 + 0.1)
    logs, drawn = places_of(model.test_step, model, data)
    sides = ["nce", "identity_nce"][:2 if name == "cut" else 1]
    assert ("identity_nce" in logs) == (name == "cut")
    found = []
    for i, (side, column) in enumerate(zip(sides, "ab")):
        source = tensor(floats(data[column]))
        image = model.generator(source, training=True)
        total = 0.0
        for j, (tap, head) in enumerate(zip(model.taps, model.heads)):
            _, at = drawn[3 * i + j]
            at = tensor(at, "int32")
            layer = cut.tapped(model.generator, [tap])
            total += cross_entropy(*(
                array(head(cut._at(layer(x, training=True)[tap], at)))
                for x in (image, source)
            ))
        assert logs[side] == pytest.approx(total / 3, rel=1e-3)
        found.append(total / 3)
    fake = model.generator(tensor(floats(data["a"])), training=True)
    fake, real = (
        array(model.discriminator(x, training=True)).astype("float64")
        for x in (fake, tensor(floats(data["b"])))
    )
    weight = 10 if name == "cut_fast" else 1
    assert logs["generator_loss"] == pytest.approx(
        np.square(fake - 1).mean() + weight * np.mean(found), rel=1e-3
    )
    assert logs["discriminator_loss"] == pytest.approx(
        (np.square(fake).mean() + np.square(real - 1).mean()) / 2, rel=1e-3
    )


def test_a_translation_that_has_moved_costs_more():
    """What cycles forgive: two translators may move pictures there and
    back."""
    model = tiny.compiled("cut")
    picture = floats(batch(2)["a"])

    def contrast(other):
        def loss(self, data):
            maps = self._encoded(tensor(picture), tensor(other))
            return {"nce": self.contrast(maps[1], maps[0])}

        found = model._run(loss, batch(2), key=model.step, moving=False)
        return float(array(found["nce"]))

    still, darker = contrast(picture), contrast(0.5 * picture - 0.2)
    moved = [contrast(np.roll(picture, 2, axis)) for axis in (1, 2)]
    assert still < darker < min(moved)


def parts(**changes):
    arguments = tiny.build("cut").arguments()
    return {**arguments, **changes}


def heads(*channels):
    return [patch_features.head(c, 8) for c in channels]


@pytest.mark.parametrize("changes, words", [
    ({"taps": ["input", "maps_half", "maps_block_9"]}, "no layer maps_block_9"),
    ({"heads": heads(3, 8)}, "2 heads for 3 taps"),
    ({"heads": patch_features.head(3)}, "1 heads for 3 taps"),
    ({"heads": heads(3, 8, 8)}, "maps_block_1 makes . x 16.*heads_2 takes"),
    ({"generator": srgan.generator(width=4, blocks=1), "taps": ["input"],
      "heads": heads(3)}, "enlarges 4 times"),
    ({"discriminator": patchgan.discriminator(channels=1, width=4)},
     "generator makes .* discriminator takes"),
    ({"temperature": 0.0}, "temperature must be above 0"),
    ({"places": 0}, "places"), ({"adversarial": "relativistic"}, "hinge"),
])
def test_what_does_not_fit_is_one_line(changes, words):
    with pytest.raises(InputError, match=words) as error:
        CUT(**parts(**changes))
    assert "\n" not in str(error.value)


def test_heads_are_known_by_their_numbers():
    model = tiny.build("cut")
    assert list(model.networks) == [
        "discriminator", "generator", "heads_0", "heads_1", "heads_2"
    ]
    assert list(model.networks_of("generator")) == [
        "generator", "heads_0", "heads_1", "heads_2"
    ]

"""Networks that follow the data."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

import recipes
from keras_gen import data, zoo
from keras_gen.data import kinds
from keras_gen.errors import InputError
from keras_gen.layers.label_colours import colours_of
from keras_gen.zoo import building, fit_to_data

KINDS = {name: zoo.recipe(name)["data"]["kind"] for name in recipes.NAMES}
# Folders of the kinds that can be folders of pictures; others come in arrays.
_TOPS = {
    "images": [""], "labelled": ["ape/", "bee/", "cat/"], "pairs": [""],
    "unpaired": ["trainA/", "trainB/"], "single": [""],
}
ROWS = 12


def pack(folder, kind, mode, size=(20, 24)):
    """12 items of a kind, pictures of a mode for each part of a layout; in
    arrays where there is no layout of pictures. Solids are of `size`."""
    if kind not in _TOPS:
        return arrays(f"{folder}.npz", kinds.named(kind), mode, size)
    rng = np.random.default_rng(0)
    width = 40 if kind == "pairs" else 24
    for top in _TOPS[kind]:
        (folder / top).mkdir(parents=True, exist_ok=True)
        for number in range(1 if kind == "single" else ROWS):
            values = rng.integers(0, 256, (20, width, 3), np.uint8)
            Image.fromarray(values).convert(mode).save(
                folder / top / f"{number}.png"
            )
    return str(folder)


def arrays(path, kind, mode, size):
    """Writes an .npz of a kind, with what each column's type says."""
    rng = np.random.default_rng(0)
    grey = () if mode == "L" else (3,)
    made = {
        "picture": lambda: rng.integers(0, 256, (ROWS, 20, 24, *grey)),
        "mask": lambda: 255 * rng.integers(0, 2, (ROWS, 20, 24)),
        "label_ids": lambda: rng.integers(0, 3, (ROWS, 20, 24)),
        "video": lambda: rng.integers(0, 256, (ROWS, 16, 20, 24, *grey)),
        "voxels": lambda: rng.integers(0, 256, (ROWS, *size)),
        "points": lambda: rng.normal(size=(ROWS, 2)),
        "label": lambda: np.arange(ROWS) % 3,
        "attributes": lambda: rng.integers(0, 2, (ROWS, 2)),
        "tokens": lambda: rng.integers(0, 3, (ROWS, 5)),
    }
    named = {
        "label": list("abc"), "attributes": ["hat", "tie"],
        "tokens": list("abc"),
    }
    found = {}
    for key, type_ in zip(kind.keys[0], kind.types.values()):
        column = made[type_.name]()
        seen = type_.name in ("points", "label", "attributes", "tokens")
        found[key] = column if seen else column.astype(np.uint8)
        if type_.name in named:
            found[kind.names_key] = named[type_.name]
    np.savez(path, **found)
    return str(path)


def fitted(name, changes):
    """The recipe with the changes and what follows, small; and the latter."""
    recipe = zoo.recipe(name)
    more = fit_to_data.follow(recipe, changes)
    small = {
        key: value for key, value in recipe["smoke"].items()
        if key.endswith(("width", "channels"))
    }
    return recipe.override(changes | more | small), more


@pytest.mark.parametrize("mode", [
    "L", pytest.param("RGB", marks=pytest.mark.slow),
])
@pytest.mark.parametrize("name", recipes.each())
def test_every_recipe_takes_every_source_of_its_kind(name, mode, tmp_path):
    kind = kinds.named(KINDS[name])
    size = zoo.recipe(name)["data"].get("size", 16)
    size = size if isinstance(size, list) else [size] * 3
    source = pack(tmp_path / "pack", kind.name, mode, size)
    recipe, _ = fitted(name, {"data.source": source})
    dataset = recipe.dataset()
    objective = recipe.build()
    objective.check_data(dataset)
    # What is borrowed, by [frozen], sees what it was trained on.
    channels = 1 if mode == "L" and "frozen" not in recipe.values else 3
    for name, items in dataset.take([0]).items():
        if dataset.types[name].name in ("picture", "video"):
            assert items.shape[-1] == channels
    if "channels" in kind.arguments:
        assert all(
            len(x.shape) < 4 or x.shape[-1] == channels
            for network in objective.networks.values() for x in network.inputs
        )
    if "classifier" in objective.networks and "label" in objective.types:
        assert objective.classes == list(dataset.classes)
    elif kind.name == "labelled":
        assert dataset.classes == ("ape", "bee", "cat")
        assert objective.generate(3, label=[0, 1, 2]).shape[-1] == channels
        with pytest.raises(InputError, match="labels go from 0 to 2"):
            objective.generate(1, label=3)


class Typed:
    """A recipe's tables, of data of any kind."""

    def __init__(self, data, **values):
        self.values = {"objective": {}, "networks": {}, **values, "data": data}

    def __getitem__(self, key):
        return self.values[key]

    def override(self, changes):
        more = {key.removeprefix("data."): v for key, v in changes.items()}
        return Typed(self["data"] | more)


def follow(data, changes, **network):
    """What follows in one network."""
    recipe = Typed(data, networks={"generator": network})
    found = fit_to_data.follow(recipe, changes)
    return {key.rpartition(".")[2]: value for key, value in found.items()}


@pytest.mark.parametrize("size, given, new, expected", [
    (32, 32, 64, 64), ([32, 32], 32, 64, 64), (32, [32, 32], 64, [64, 64]),
    (32, 32, [64, 32], [64, 32]), ([32, 64], [32, 64], [8, 16], [8, 16]),
    # Not the data's size.
    (32, 16, 64, None), ([32, 64], 32, 64, None),
])
def test_sizes_follow_as_they_were_given(size, given, new, expected):
    data = {"source": "x", "kind": "images", "size": size, "channels": 3}
    found = follow(data, {"data.size": new}, size=given)
    assert found == ({"size": expected} if expected else {})


def test_an_image_shape_follows_sizes_that_are_lists():
    data = {"source": "x", "kind": "images", "size": [16, 8], "channels": 1}
    found = follow(data, {"data.size": [8, 32]}, image_shape=[16, 8, 1])
    assert found == {"image_shape": [8, 32, 1]}


def test_solids_and_clips_follow():
    data = {"source": "x", "kind": "voxels", "size": 16}
    assert follow(data, {"data.size": 32}, size=16, channels=3) == {"size": 32}
    data = {"source": "x", "kind": "videos", "size": 16, "channels": 3}
    found = follow(data, {"data.frames": 8}, size=16, frames=16, channels=3)
    assert found == {"frames": 8}


def test_data_without_sizes_has_none_to_follow(tmp_path):
    source = pack(tmp_path / "pack", "points", "L")
    data = {"source": "ring", "kind": "points"}
    changes = {"data.source": source}
    assert follow(data, changes, size=16, channels=3, classes=2) == {}


def test_nothing_follows_where_all_fits(tmp_path):
    recipe = zoo.recipe("cgan")
    assert fit_to_data.follow(recipe, {"train.steps": 3}) == {}
    assert fit_to_data.follow(recipe, {"data.source": "shapes"}) == {}
    source = pack(tmp_path, "images", "RGB")
    changes = {"data.source": source}
    assert fit_to_data.follow(zoo.recipe("dcgan"), changes) == {}


def test_one_picture_in_colour_makes_all_colour(tmp_path):
    source = pack(tmp_path, "images", "L")
    Image.new("RGB", (9, 9), "red").save(tmp_path / "x.png")
    assert data.properties(source, "images") == (3, ())


def test_what_is_set_stays(tmp_path):
    source = pack(tmp_path, "labelled", "L")
    given = {"data.source": source, "networks.generator.classes": 7}
    _, more = fitted("cgan", given)
    assert more["networks.discriminator.classes"] == 3
    assert more["networks.generator.channels"] == 1
    assert "networks.generator.classes" not in more
    recipe, more = fitted("cgan", {
        "data.source": source, "data.channels": 3
    })
    assert recipe["data"]["channels"] == 3
    assert not any("channels" in key for key in more)


def test_networks_follow_a_size_that_is_set():
    recipe, more = fitted("cyclegan", {"data.size": 32, "data.channels": 1})
    assert more["objective.image_shape"] == [32, 32, 1]
    recipe.build().check_data(recipe.dataset())
    recipe, more = fitted("pix2pix", {"data.size": 128})
    assert more == {"networks.generator.size": 128}


def test_arrays_too(tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "a.npz", y_train=np.arange(20) % 9, y_test=[9],
             x_train=rng.integers(0, 256, (20, 9, 9), np.uint8),
             x_test=rng.integers(0, 256, (1, 9, 9), np.uint8))
    source = str(tmp_path / "a.npz")
    ten = tuple("0123456789")
    assert data.properties(source, "labelled") == (1, ten)
    assert data.properties(source, "images") == (1, ())
    recipe, _ = fitted("cgan", {"data.source": source})
    recipe.build().check_data(recipe.dataset())


def test_names_that_only_count_replace_none(tmp_path):
    for classes in (10, 7):
        np.savez(tmp_path / "a.npz", y=np.arange(40) % classes,
                 x=np.zeros((40, 28, 28), np.uint8))
        changes = {"data.source": str(tmp_path / "a.npz")}
        recipe, more = fitted("classifier_fashion_mnist", changes)
        names = recipe["objective"]["classes"]
        if classes == 10:
            assert names[0] == "T-shirt/top" and more == {}
        else:
            assert names == list("0123456")
            assert recipe["networks"]["classifier"]["classes"] == 7
        recipe.build().check_data(recipe.dataset())


@pytest.mark.parametrize("family", ["classifier", "cgan"])
def test_other_data_never_keep_the_names_of_what_is_built_in(family, tmp_path):
    six = np.arange(60) % 6
    path = str(tmp_path / "a.npz")
    for given, found in [({}, list("012345")),
                         ({"classes": list("fedcba")}, list("fedcba"))]:
        np.savez(path, y=six, x=np.zeros((60, 32, 32), np.uint8), **given)
        recipe, more = fitted(family, {"data.source": path})
        table = recipe["objective"]
        if family == "classifier":
            assert table["classes"] == found
        else:
            # A number is no name.
            assert table["class_names"] == (found if given else [])
            assert table["classes"] == 6
    changes = {"data.source": "shapes"}
    assert fitted(family, changes)[1] == {}


def test_the_names_of_folders_go_with_the_model_in_natural_order(tmp_path):
    for number in range(11):
        (tmp_path / f"Class{number}").mkdir()
        for name in "ab":
            Image.new("L", (9, 9)).save(
                tmp_path / f"Class{number}" / f"{name}.png"
            )
    recipe, more = fitted("cgan", {"data.source": str(tmp_path)})
    names = [f"Class{number}" for number in range(11)]
    assert more["objective.class_names"] == names
    model = recipe.build()
    model.check_data(recipe.dataset())
    np.testing.assert_array_equal(
        model.generate(2, seed=1, label="class10"),
        model.generate(2, seed=1, label=10),
    )
    # A recipe of one's own that says how many there are.
    values = dict(recipe.values)
    values["objective"] = {
        key: value for key, value in values["objective"].items()
        if key != "class_names"
    }
    own = dataclasses.replace(recipe, values=values)
    assert fit_to_data.follow(own, {}) == {"objective.class_names": names}
    assert fit_to_data.follow(recipe, {}) == {}


def test_bad_data_is_told_at_once(tmp_path):
    source = pack(tmp_path, "images", "L")
    for name, words in [("cgan", "one folder for each class"),
                        ("cyclegan", "trainA/ and trainB/")]:
        with pytest.raises(InputError, match=words):
            fitted(name, {"data.source": source})
    with pytest.raises(InputError, match="there is no ./no/where"):
        fitted("gan", {"data.source": "./no/where"})


_LABELS = [[0, 0, 222], [0, 128, 255], [255, 80, 0]]


def _painted(path, table):
    """The folder of 12 pairs of label pictures, in blocks, and noise."""
    path.mkdir()
    rng = np.random.default_rng(0)
    for number in range(ROWS):
        ids = rng.integers(0, len(table), (4, 4)).repeat(5, 0).repeat(5, 1)
        noise = rng.integers(0, 256, (20, 20, 3), np.uint8)
        both = np.concatenate([np.uint8(table)[ids], noise], 1)
        Image.fromarray(both).save(path / f"{number}.png")
    return str(path)


def test_networks_take_the_colours_of_labels_that_data_get(tmp_path):
    source = _painted(tmp_path / "x", _LABELS)
    changes = {"data.source": source, "data.labels": _LABELS}
    recipe, _ = fitted("pix2pix_shapes", changes)
    objective = recipe.build()
    objective.check_data(recipe.dataset())
    for network in objective.networks.values():
        assert colours_of(network) == tuple(map(tuple, _LABELS))
    # Unless they have their own, or data have none.
    own = {"networks.generator.labels": _LABELS[:2]}
    generator = recipe.override(own).build().generator
    assert colours_of(generator) == tuple(map(tuple, _LABELS[:2]))
    none = recipe.override({"data.labels": []}).build()
    assert [colours_of(n) for n in none.networks.values()] == [None, None]


def test_labels_that_networks_have_of_built_in_data_follow_others(tmp_path):
    source = _painted(tmp_path / "x", _LABELS)
    for labels in (_LABELS, None):
        changes = {"data.source": source}
        changes |= {"data.labels": labels} if labels else {}
        recipe, _ = fitted("spade_shapes", changes)
        for network in recipe["networks"].values():
            assert network["labels"] == (labels or [])
    assert not fit_to_data.follow(zoo.recipe("spade_shapes"), {
        "data.batch_size": 4,
    })


@pytest.mark.parametrize("table, kept", [
    (_LABELS, True), ([[90, 200, 10], [200, 200, 200]], False),
])
def test_a_recipe_s_labels_are_for_data_of_their_colours(
    table, kept, tmp_path
):
    own = _painted(tmp_path / "own", _LABELS)
    recipe, _ = fitted("pix2pix_shapes", {
        "data.source": own, "data.labels": _LABELS,
    })
    other = {"data.source": _painted(tmp_path / "other", table)}
    found = fit_to_data.follow(recipe, other)
    assert found.get("data.labels") == (None if kept else [])
    changed = recipe.override(other | found)
    changed.build().check_data(changed.dataset())
    shapes = fit_to_data.follow(recipe, {"data.source": "shapes"})
    assert shapes["data.labels"] == []
    # What is set is left as it is.
    asked = fit_to_data.follow(recipe, {**other, "data.labels": table})
    assert "data.labels" not in asked


def test_a_borrowed_network_has_its_own_data_s_labels(tmp_path, monkeypatch):
    source = _painted(tmp_path / "x", _LABELS)
    recipe, _ = fitted("pix2pix_shapes", {
        "data.source": source, "data.labels": _LABELS,
    })
    monkeypatch.setattr(building.weights, "recipe_file", lambda name: name)
    monkeypatch.setattr(building.frozen, "refuse_others", lambda *_: None)
    monkeypatch.setattr(building.weights, "borrowed_file", lambda table: None)
    monkeypatch.setattr(building, "load_weights", lambda *_: None)
    monkeypatch.setattr(type(recipe), "read", lambda *_: recipe)
    borrower = recipe.override({})
    borrower.values["frozen"] = {
        "x": {"model": "other", "network": "generator"}
    }
    made = building._frozen(borrower, "x")
    assert colours_of(made) == tuple(map(tuple, _LABELS))

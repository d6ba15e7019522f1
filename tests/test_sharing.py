"""Models pushed to a hub and to a static host, and loaded from there."""

import json
import re
import shutil
import tomllib

import hub_host
import numpy as np
import pytest
from weights_host import host as static_host

from check import array
from keras_gen import cli, sharing, zoo
from keras_gen.errors import InputError
from keras_gen.zoo import pulled

NAME, RUN = "gan_ring", "biggan_shapes"


@pytest.fixture(autouse=True)
def caches(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    pulled.folder.cache_clear()


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub that one is logged in at."""
    constants = pytest.importorskip("huggingface_hub.constants")
    with hub_host.host() as server:
        # The library reads its environment once, when it is imported.
        monkeypatch.setattr(constants, "ENDPOINT", server.address)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE",
            server.address + "/{repo_id}/resolve/{revision}/{filename}",
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
        monkeypatch.setenv("HF_TOKEN", hub_host.TOKEN)
        yield server


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The folder of a published model, as it is pushed."""
    folder = tmp_path_factory.mktemp("written") / NAME
    sharing.write(NAME, folder, license="cc0-1.0")
    return folder


@pytest.fixture
def host(written):
    files = {
        path.relative_to(written.parent).as_posix(): path.read_bytes()
        for path in written.rglob("*") if path.is_file()
    }
    with static_host(files) as server:
        yield server


def same(one, other):
    """Whether two models have the same numbers."""
    return all(
        np.array_equal(a, b)
        for a, b in zip(one.get_weights(), other.get_weights(), strict=True)
    )


def test_what_is_pushed_to_the_hub_is_what_is_loaded_from_it(hub):
    address = sharing.push(NAME, "hf://me/ring")
    assert address.startswith(f"{hub.address}/me/ring/commit/")
    published, theirs = zoo.load(NAME), zoo.load("hf://me/ring")
    assert same(published, theirs)
    np.testing.assert_array_equal(
        published.generate(64, seed=3), theirs.generate(64, seed=3)
    )
    assert theirs.truncation_limit == published.truncation_limit
    # Once here, its files are not fetched again.
    del hub.asked[:]
    pulled.folder.cache_clear()
    zoo.load("hf://me/ring")
    assert not [line for line in hub.asked if "/resolve/" in line]


def test_a_push_replaces_what_an_earlier_one_has_left(hub):
    sharing.push(NAME, "hf://me/mine")
    first = hub_host.commit("me/mine", 1)
    sharing.push("autoencoder_shapes", "hf://me/mine")
    newest = hub.repositories["me/mine"][-1]
    assert {n for n in newest if n.endswith(".h5")} == {
        "export/encoder.weights.h5", "export/decoder.weights.h5"
    }
    assert zoo.load("hf://me/mine").name == "autoencoder_shapes"
    assert zoo.load(f"hf://me/mine@{first}").name == NAME


def test_a_private_model_is_seen_by_its_owner_alone(hub, monkeypatch):
    sharing.push(NAME, "hf://me/secret", private=True)
    assert zoo.load("hf://me/secret")
    pulled.folder.cache_clear()
    monkeypatch.setenv("HF_TOKEN", "hf_another")
    shutil.rmtree("hf", ignore_errors=True)
    with pytest.raises(InputError, match="no model hf://me/secret.*hf auth"):
        pulled.pull("hf://me/secret", pulled.Path("theirs"))
    assert not pulled.Path("theirs").exists(), hub.asked
    with pytest.raises(InputError, match="cannot push to hf://me/x: .*401"):
        sharing.push(NAME, "hf://me/x")
    assert "me/x" not in hub.repositories


def test_the_hub_reads_the_card(written):
    huggingface_hub = pytest.importorskip("huggingface_hub")
    found = huggingface_hub.ModelCard.load(written / "README.md").data
    assert found.library_name == "keras_gen"
    assert found.license == "cc0-1.0" and "gan" in found.tags
    measured = {each.metric_name: each for each in found.eval_results}
    recorded = [
        group for group in zoo.recipe(NAME).values["results"]
        if "modes" in group and "over" not in group
    ]
    assert measured["modes"].metric_value == recorded[0]["modes"]["model"]
    assert measured["modes"].dataset_split == "test"


@pytest.mark.parametrize(("name", "task"), [
    ("autoencoder_shapes", "image-feature-extraction"),
    *(pytest.param(*each, marks=pytest.mark.slow) for each in (
        ("cgan_shapes", "unconditional-image-generation"),
        ("pix2pix_shapes", "image-to-image"),
        ("classifier_shapes", "image-classification"),
    )),
])
def test_pictures_have_the_hubs_names_of_what_a_model_does(
    name, task, tmp_path
):
    sharing.write(name, tmp_path / name)
    text = (tmp_path / name / "README.md").read_text()
    assert f'pipeline_tag: "{task}"' in text
    # Its example is right: it is run but for the address.
    (code,) = re.findall(r"```python\n(.*?)```", text, re.S)
    model = zoo.load(tmp_path / name)
    example = code.replace(f"https://HOST/{name}", str(tmp_path / name))
    test = zoo.recipe(name).dataset("test").take(range(2))
    exec(example, {"pictures": next(iter(test.values()))})
    assert same(model, zoo.load(name))


@pytest.mark.slow
def test_a_runs_averages_come_along_and_its_folders_do_not(
    finished, tmp_path
):
    run = tmp_path / "secret_place/mine"
    shutil.copytree(finished(RUN), run)
    text = (run / "recipe.toml").read_text()
    command = f"{run}/train/main.py --model=x --data={run}/pictures.zip"
    text = re.sub('(?m)^command = (?s:.*?)(?=^init_from)',
                  f'command = """{command}"""\n', text)
    (run / "recipe.toml").write_text(text.replace(
        'source = "shapes"', f'source = "{run}/pictures.zip"'
    ))
    sharing.write(run, tmp_path / "pushed")
    for file in (tmp_path / "pushed").rglob("*"):
        assert file.is_dir() or b"secret_place" not in file.read_bytes()
    values = tomllib.loads((tmp_path / "pushed/recipe.toml").read_text())
    assert values["data"]["source"] == "pictures.zip"
    assert values["card"]["trained"]["command"] == (
        "main.py --model=x --data=pictures.zip"
    )
    one, other = zoo.load(finished(RUN)), zoo.load(tmp_path / "pushed")
    assert same(one, other) and one.averages
    for name, average in one.averages.items():
        assert same(average, other.averages[name])
        assert not same(average, one.networks[name.removesuffix("_ema")])


def test_a_static_host_is_as_good(host, capsys):
    address = f"{host.address}/{NAME}/"
    model = zoo.load(address)
    assert same(model, zoo.load(NAME))
    cli.main(["pull", address, "theirs"])
    assert capsys.readouterr().out == "theirs\n"
    assert same(zoo.load("theirs"), model)
    cli.main(["sample", address, "--n=2", "--out=made.csv"])
    cli.main(["show", address])
    assert "points" in capsys.readouterr().out.lower()
    asked = len(host.asked)
    pulled.folder.cache_clear()
    zoo.load(address)
    assert len(host.asked) == asked + 1  # the recipe, which may have changed


@pytest.mark.parametrize("spoil", ["missing", "other"])
def test_what_is_not_what_the_recipe_names_is_refused(host, spoil, tmp_path):
    name = f"{NAME}/export/generator.weights.h5"
    if spoil == "missing":
        del host.files[name]
    else:
        host.files[name] = host.files[name][:-1] + b"x"
    with pytest.raises(InputError, match="404|is damaged and was not kept"):
        pulled.pull(f"{host.address}/{NAME}", tmp_path / "theirs")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith("theirs")]
    with pytest.raises(InputError):
        zoo.load(f"{host.address}/{NAME}")


@pytest.mark.parametrize("path", [
    "../evil", "/etc/evil", "export/../../evil", "..\\evil", "recipe.toml",
    "checkpoints/step-1.npz",
])
def test_a_recipe_cannot_write_elsewhere(host, path, tmp_path):
    recipe = f"{NAME}/recipe.toml"
    text = host.files[recipe].decode()
    host.files[recipe] = text.replace(
        '"croissant.json"', json.dumps(path), 1
    ).encode()
    with pytest.raises(InputError, match="which no model that keras-gen"):
        pulled.pull(f"{host.address}/{NAME}", tmp_path / "theirs")


def test_a_recipe_from_elsewhere_calls_nothing_but_keras_gen(host):
    recipe = f"{NAME}/recipe.toml"
    host.files[recipe] = host.files[recipe].replace(
        b"keras_gen.networks.points:generator", b"shutil:rmtree"
    )
    with pytest.raises(InputError, match="may not use by itself"):
        zoo.load(f"{host.address}/{NAME}")


@pytest.mark.parametrize(("words", "says"), [
    ("push gan_ring hf://nobody", "give hf://user/name"),
    ("push gan_ring hf://a/b@c", "leave @c out"),
    ("push gan_ring there", "there exists"),
    ("push gan_ring new --private", "--private is of hf://"),
    ("push no_such new", "there is no model 'no_such'"),
    ("push sagan_celeba new", "has no published weights"),
    ("pull gan_ring", "is no address"),
    ("pull https://localhost:1/there", "there exists"),
    ("pull http://localhost:1/x", "cannot fetch http://localhost:1/x/recipe"),
    ("sample http://localhost:1/x", "check the address and the connection"),
])
def test_mistakes_are_told_in_one_line(words, says, tmp_path, capsys):
    (tmp_path / "there").mkdir()
    with pytest.raises(SystemExit) as caught:
        cli.main(words.split())
    told = capsys.readouterr().err.strip().splitlines()
    assert caught.value.code == 2 and says in told[-1]
    assert sorted(p.name for p in tmp_path.iterdir()) in (
        ["there"], ["cache", "there"]
    )


def test_a_folder_without_files_named_is_told(tmp_path):
    with static_host({"x/recipe.toml": b'name = "x"\n'}) as server:
        with pytest.raises(InputError, match=r"has no \[files\]"):
            pulled.pull(f"{server.address}/x", tmp_path / "theirs")


def test_weights_of_a_pushed_model_can_be_fine_tuned(written):
    model = zoo.load(written)
    before = [array(v) for v in model.generator.trainable_variables]
    points = zoo.recipe(NAME).dataset().take(range(512))
    model.fit(*points.values(), batch_size=256, epochs=1, verbose=0)
    assert any(
        not np.array_equal(a, array(v))
        for a, v in zip(before, model.generator.trainable_variables)
    )

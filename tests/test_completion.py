"""keras-gen completion: scripts that shells run."""

import shutil
import subprocess
import sys

import pytest

from check import TESTS
from keras_gen import cli
from keras_gen.cli import completion, train
from keras_gen.zoo import weights

# As bash does when Tab is pressed behind a line: `=` stands alone.
TAB = """
source "$1"
COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2)) COMPREPLY=()
[[ $(complete -p keras-gen) =~ -F\\ ([a-z_]+) ]]
"${BASH_REMATCH[1]}" keras-gen "${COMP_WORDS[COMP_CWORD]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
SHELLS = ("bash", "zsh", "fish", "tcsh")


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """A function that gives the file of a shell's script."""
    pytest.importorskip("shtab")
    folder = tmp_path_factory.mktemp("completion")

    def of(shell):
        file = folder / shell
        if not file.exists():
            file.write_text(subprocess.run(
                [sys.executable, "-m", "keras_gen", "completion", shell],
                cwd=TESTS.parent, stdout=subprocess.PIPE, text=True,
                check=True,
            ).stdout)
        return file

    return of


@pytest.fixture
def tab(script, tmp_path):
    """A function that tells what bash completes behind words, in a folder
    with my_pictures/ and my.toml."""
    bash = shutil.which("bash")
    if not bash:
        pytest.skip("there is no bash")
    (tmp_path / "my_pictures").mkdir()
    (tmp_path / "my.toml").touch()

    def complete(*words):
        result = subprocess.run(
            [bash, "--norc", "-c", TAB, "bash", script("bash"), "keras-gen",
             *words], cwd=tmp_path, capture_output=True, text=True,
        )
        # Without a terminal bash says that it has no line to edit.
        return result.stdout.split()

    return complete


@pytest.mark.parametrize("words, found", [
    (["sam"], ["sample"]),
    (["show", "dcgan_c"], ["dcgan_celeba"]),
    (["show", "my"], ["my_pictures", "my.toml"]),
    (["sample", "gan_ring", "--tru"], ["--truncation"]),
    (["sample", "gan_ring", "--precision", "b"], ["bfloat16"]),
    (["sample", "gan_ring", "--precision", "=", "b"], ["bfloat16"]),
    (["sample", "gan_ring", "--precision", "="], ["float32", "bfloat16"]),
    (["sample", "gan_ring", "--seed", "=", "1", "--tru"], ["--truncation"]),
    (["reconstruct", "vae_mnist", "my_"], ["my_pictures"]),
    (["client", "tr"], ["translate"]),
    (["train", "--model", "=", "wgan_gp_c"], ["wgan_gp_celeba"]),
    (["train", "--model", "pix2pi"], None),
    (["train", "--data", "=", "my_"], ["my_pictures"]),
    (["train", "--nof"], ["--noflip"]),
    (["train", "--precision", "=", "bf"], ["bfloat16"]),
    (["arithmetic", "vae_celeba", "--judge", "classifier_c"],
     ["classifier_celeba"]),
    (["completion", ""], list(SHELLS)),
])
def test_bash_completes(words, found, tab):
    if found is None:
        found = [
            name for name in {
                *weights.names(),
                *(n.removesuffix("_shapes") for n in weights.names()),
            } if name.startswith("pix2pi")
        ]
        assert "pix2pix" in found
    assert sorted(tab(*words)) == sorted(found)


def test_bash_lists_all_commands_and_all_flags(tab):
    assert set(tab("")) == set(cli.COMMANDS)
    flags = {f"--{flag.name}" for flag, _ in train.described()}
    assert flags <= set(tab("train", "--")) and "--set" in flags


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_reads_its_script(shell, script):
    text = script(shell).read_text()
    for words in ("dcgan_celeba", "truncation", "checkpoint_minutes",
                  "bfloat16"):
        assert words in text
    if shutil.which(shell):
        subprocess.run([shell, "-n", script(shell)], check=True)


@pytest.mark.parametrize("line, found", [
    ("sam", ["sample"]), ("show dcgan_c", ["dcgan_celeba"]),
    ("train --model=wgan_gp_c", ["--model=wgan_gp_celeba"]),
    ("train --data=my", ["--data=my.toml", "--data=my_pictures/"]),
])
def test_fish_completes(line, found, script, tmp_path):
    if not shutil.which("fish"):
        pytest.skip("there is no fish")
    (tmp_path / "my_pictures").mkdir()
    (tmp_path / "my.toml").touch()
    result = subprocess.run(
        ["fish", "-c", f'source {script("fish")}; '
         f'complete -C "keras-gen {line}"'], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, check=True,
    )
    lines = result.stdout.splitlines()
    assert sorted(each.split("\t")[0] for each in lines) == found


def test_zsh_takes_a_value_behind_an_equals_sign(script):
    text = script("zsh").read_text()
    assert '"--model=[' in text and '"*--set=[' in text
    assert '"--flip[' in text


def test_without_shtab_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "shtab", None)
    with pytest.raises(SystemExit) as caught:
        cli.main(["completion", "bash"])
    error = capsys.readouterr().err
    assert caught.value.code == 2 and error.count("\n") == 1
    assert "pip install 'keras_gen[completion]'" in error


def test_what_is_no_path_is_not_completed_by_files():
    parser = cli.Parser()
    cli.fill(parser, "neighbours")
    what = {a.dest: completion.taken(a) for a in parser._actions}
    assert what["model"] == "models" and what["data"] == what["out"] == "files"
    assert what["label"] is what["n"] is what["help"] is None

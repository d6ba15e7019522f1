"""The command line, as typed."""

import os
import resource
import signal
import subprocess
import sys

import pytest
from PIL import Image

from check import TESTS
from waiting import outputs, until

MAIN = TESTS.parent / "train" / "main.py"


def command(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, str(MAIN), *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)}, **options,
    )


def errors(process):
    (output, found), = outputs(process)
    lines = [x for x in found.splitlines() if x.startswith("error: ")]
    return process.returncode, lines, output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model=dcgn"], "did you mean dcgan"),
        (["--modl=dcgan"], "Did you mean: model"),
        (["--model=dcgan", "--set", "steps"], "--set takes a.b=c"),
        (["--model=dcgan", "--precision=int8"], "float32|bfloat16|float16"),
        (["--model=dcgan", "--checkpoint_minutes=-1"], "checkpoint_minutes"),
        (["--model=dcgan", "--augment=color"], "policy must be some of"),
        (["--model=vae", "--augment=auto"], "what the judge of a GAN sees"),
        (["--model=dcgan", "x"], "unexpected argument 'x'"),
        ([], "--model"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, words, tmp_path):
    code, lines, _ = errors(command(
        *arguments, f"--workdir={tmp_path / 'run'}", cwd=tmp_path
    ))
    assert code == 2 and len(lines) == 1 and words in lines[0]
    assert not list(tmp_path.iterdir())


def test_flags_reach_the_recipe_and_the_output_says_where(tmp_path):
    process = command(
        "--model=autoencoder", "--steps=2", "--batch_size=5", "--seed=7",
        "--precision=bfloat16", "--set", "networks.encoder.width=4",
        "--set", "networks.decoder.width=4", cwd=tmp_path,
    )
    code, lines, output = errors(process)
    assert code == 0 and not lines
    written = (tmp_path / "runs/autoencoder_shapes/recipe.toml").read_text()
    for text in ("steps = 2", "batch_size = 5", "seed = 7", "width = 4",
                 'precision = "bfloat16"'):
        assert text in written
    for text in ("device ", "data ", "encoder ", "parameters", "writes to",
                 "2/2", "pictures/s", "left", "weights ",
                 "samples/step-0000002.png, losses.png, monitors.png",
                 "next        keras-gen reconstruct runs/autoencoder_shapes",
                 "            keras-gen serve runs/autoencoder_shapes\n"):
        assert text in output


@pytest.mark.slow
def test_the_switch_for_little_data_stays_as_it_began(tmp_path):
    for number in range(30):
        (tmp_path / "mine").mkdir(exist_ok=True)
        Image.new("RGB", (40, 40), (8 * number, 0, 9)).save(
            tmp_path / f"mine/{number}.png"
        )
    arguments = [
        "--model=gan", "--data=mine", "--augment=auto", "--batch_size=4",
        "--set", "networks.generator.width=4",
        "--set", "networks.discriminator.width=4",
    ]
    code, lines, output = errors(command(
        *arguments, "--steps=1", cwd=tmp_path
    ))
    assert code == 0 and not lines
    # A tenth or so is held out.
    count = int(output.split("for ")[1].split(" pictures may be")[0])
    assert "augment     colour and translation" in output and 20 < count < 30
    written = (tmp_path / "runs/gan_shapes/recipe.toml").read_text()
    assert f"images = {30 * count}" in written
    # With a picture more it would be another number.
    Image.new("RGB", (40, 40)).save(tmp_path / "mine/more.png")
    code, lines, output = errors(command(
        *arguments, "--steps=2", cwd=tmp_path
    ))
    assert code == 0 and not lines
    assert "augment     as the run began" in output
    assert "goes on from step 1\n" in output
    assert (tmp_path / "runs/gan_shapes/recipe.toml").read_text().count(
        f"images = {30 * count}"
    ) == 1


@pytest.mark.slow
def test_sigterm_saves_and_the_same_command_goes_on(tmp_path):
    arguments = [
        "--model=gan", "--steps=1000000", f"--workdir={tmp_path}",
        "--set", "networks.generator.width=8",
        "--set", "networks.discriminator.width=8",
    ]
    process = command(*arguments)
    until((tmp_path / "log.csv").exists, process)
    process.send_signal(signal.SIGTERM)
    code, lines, output = errors(process)
    assert code == 130 and not lines
    step = int(output.split("goes on from step ")[1].split()[0])
    assert step > 0
    code, lines, output = errors(command(
        *arguments[:1], f"--steps={step + 1}", *arguments[2:]
    ))
    assert code == 0 and f"goes on from step {step}\n" in output


@pytest.mark.slow
def test_kill_9_loses_only_what_came_after_the_checkpoint(tmp_path):
    """The weights and the log are those of a run that was left in peace."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    arguments = [
        "--model=gan", "--steps=399", "--checkpoint_minutes=0.005",
        "--set", "networks.discriminator.width=64",
    ]
    other = command(*arguments, f"--workdir={whole}")
    process = command(*arguments, f"--workdir={killed}")
    try:
        until(
            lambda: step_of_log(killed) > step_of_checkpoint(killed), process
        )
    finally:
        process.kill()
    assert errors(process)[0] == -signal.SIGKILL
    assert step_of_log(killed) < 399
    code, _, output = errors(command(*arguments, f"--workdir={killed}"))
    assert code == 0 and "goes on from step " in output
    assert errors(other)[0] == 0
    for name in ("export/generator.weights.h5", "log.csv",
                 "export/discriminator.weights.h5"):
        assert (whole / name).read_bytes() == (killed / name).read_bytes()
    # A digest of all that there is to go on from is part of the name.
    assert step_of_checkpoint(whole) == 399
    assert files(whole)[-1].name == files(killed)[-1].name


def files(workdir):
    return sorted((workdir / "checkpoints").glob("step-*.npz"))


def step_of_checkpoint(workdir):
    """The newest checkpoint's; high before there is one."""
    return int(files(workdir)[-1].name.split("-")[1]) if files(workdir) \
        else 10 ** 9


def step_of_log(workdir):
    log = workdir / "log.csv"
    last = log.read_text().splitlines()[-1:] if log.exists() else []
    return int(last[0].split(",")[0]) if last and last[0][0] != "s" else 0


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_the_checkpoint_stays(tmp_path):
    arguments = ["--model=dcgan", f"--workdir={tmp_path}", "--batch_size=4"]
    code, _, _ = errors(command(*arguments, "--steps=1"))
    assert code == 0
    before = next((tmp_path / "checkpoints").iterdir())
    content = before.read_bytes()

    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10 ** 6, 10 ** 6))

    code, lines, _ = errors(command(
        *arguments, "--steps=2", preexec_fn=small_files
    ))
    assert code == 2 and len(lines) == 1 and "cannot write" in lines[0]
    assert before.read_bytes() == content
    code, _, output = errors(command(*arguments, "--steps=2"))
    assert code == 0 and "goes on from step 1\n" in output


@pytest.mark.slow
def test_networks_follow_a_folder_and_the_output_says_so(tmp_path):
    for name in ("ape", "bee", "cat"):
        (tmp_path / "mine" / name).mkdir(parents=True)
        for number in range(9):
            Image.new("L", (40, 50 + number), 9 * number).save(
                tmp_path / "mine" / name / f"{number}.png"
            )
    (tmp_path / "mine/ape/bad.png").write_text("x")
    code, lines, output = errors(command(
        "--model=cgan", "--data=mine", "--steps=1", "--crop=3", "--flip",
        "--batch_size=4", "--set", "networks.generator.width=4",
        "--set", "networks.discriminator.width=4", cwd=tmp_path,
    ))
    assert code == 0 and not lines
    follows, = (x for x in output.splitlines() if x.startswith("follows"))
    for text in ("data.channels = 1", "objective.classes = 3",
                 "networks.generator.classes = 3"):
        assert text in follows
    for text in ("32x32x1 from 40x50 ... 40x58, 3 classes, 1 file skipped",
                 "skipped   ape/bad.png: not a picture", "cached in"):
        assert text in output
    written = (tmp_path / "runs/cgan_shapes/recipe.toml").read_text()
    for text in ("crop = 3", "flip = true", "channels = 1", "classes = 3"):
        assert text in written
    assert "channels = 3" not in written and "classes = 6" not in written

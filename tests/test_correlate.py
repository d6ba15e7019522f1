"""keras-gen correlate on tables whose correlation is known."""

import numpy as np
import pytest
from PIL import Image

from keras_gen import cli


def tables(folder, metric, noise=0.0):
    """A run of 10 checkpoints, 20 log rows each, whose loss falls."""
    rng = np.random.default_rng(0)
    steps = np.arange(1, 201) * 5
    loss = 10 - steps / 100 + rng.normal(size=200) * noise
    rows = [f"{s},{v:.6g}" for s, v in zip(steps, loss)]
    (folder / "log.csv").write_text(
        "\n".join(["step,wasserstein_estimate", *rows]) + "\n"
    )
    rows = [f"{100 * (i + 1)},0,{v}" for i, v in enumerate(metric)]
    (folder / "monitors.csv").write_text(
        "\n".join(["step,pairwise_distance,frechet_distance", *rows]) + "\n"
    )


def correlation(folder, capsys):
    cli.main(["correlate", str(folder), f"--out={folder / 'x.png'}"])
    with Image.open(folder / "x.png") as image:
        assert image.width > 600
    return float(capsys.readouterr().out.split("Spearman ")[1].split()[0])


def test_ranks_decide_whatever_the_shape(tmp_path, capsys):
    tables(tmp_path, [2.0**-i for i in range(10)], noise=0.3)
    assert correlation(tmp_path, capsys) == 1
    tables(tmp_path, range(10))
    assert correlation(tmp_path, capsys) == -1
    # Two neighbours changed: 1 - 6 * 2 / (10 * 99).
    tables(tmp_path, [9, 8, 7, 5, 6, 4, 3, 2, 1, 0])
    found = correlation(tmp_path, capsys)
    assert found == pytest.approx(1 - 12 / 990, abs=1e-3)


@pytest.mark.parametrize("change, words", [
    (["--loss=critic"], "has no column critic: it has wasserstein_estimate"),
    (["--metric=fid"], "pairwise_distance, frechet_distance"),
    ([], "at least 3"),
])
def test_mistakes_take_one_line(change, words, tmp_path, capsys):
    tables(tmp_path, [1, 2])
    with pytest.raises(SystemExit) as stop:
        cli.main(["correlate", str(tmp_path), *change])
    error = capsys.readouterr().err
    assert stop.value.code == 2 and error.count("\n") == 1 and words in error


def test_a_folder_that_is_no_run(tmp_path, capsys):
    with pytest.raises(SystemExit):
        cli.main(["correlate", str(tmp_path)])
    assert "name a work directory" in capsys.readouterr().err

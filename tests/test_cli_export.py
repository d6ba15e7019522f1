"""keras-gen export, as typed."""

import pytest

from check import needs
from keras_gen import cli

pytestmark = needs("tensorflow")


def test_each_export_is_the_next_version(tmp_path, capsys):
    folder = tmp_path / "gan"
    for version in ("1", "2"):
        cli.main(["export", "gan_shapes", str(folder)])
        assert capsys.readouterr().out.strip() == str(folder / version)
        assert (folder / version / "saved_model.pb").is_file()


def test_a_format_is_one_file_a_network(tmp_path, capsys):
    folder = tmp_path / "gan"
    cli.main(["export", "gan_shapes", str(folder), "--format=onnx"])
    assert capsys.readouterr().out.strip() == str(folder / "generator.onnx")
    assert [p.name for p in folder.iterdir()] == ["generator.onnx"]


@pytest.mark.parametrize("format", ["saved_model", "onnx"])
def test_a_folder_that_cannot_be_made_is_told(format, tmp_path, capsys):
    (tmp_path / "x").touch()
    with pytest.raises(SystemExit) as stopped:
        cli.main([
            "export", "gan_shapes", str(tmp_path / "x" / "gan"),
            f"--format={format}",
        ])
    assert stopped.value.code == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("error: cannot ") and "choose another" in said


@pytest.mark.parametrize("format", ["saved_model", "litert"])
def test_a_file_in_the_way_is_told(format, tmp_path, capsys):
    (tmp_path / "x").touch()
    with pytest.raises(SystemExit) as stopped:
        cli.main(
            ["export", "gan_shapes", str(tmp_path / "x"), f"--format={format}"]
        )
    assert stopped.value.code == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("error: ") and str(tmp_path / "x") in said
    assert [p.name for p in tmp_path.iterdir()] == ["x"]

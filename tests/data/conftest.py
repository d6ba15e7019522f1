"""Small packs of pictures."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from keras_gen import data


class Packs:
    """Makes packs and looks into them."""

    def __init__(self, form, folder):
        self.form = form
        self.folder = folder

    @staticmethod
    def encode(array, form="PNG"):
        """The bytes of a picture file."""
        file = io.BytesIO()
        Image.fromarray(array).save(file, form)
        return file.getvalue()

    @classmethod
    def png(cls, value, width=16, height=16):
        """A plain PNG; `value` is its grey, or grey left and right."""
        array = np.empty((height, width), np.uint8)
        both = np.broadcast_to(value, 2)
        array[:, :width // 2], array[:, width // 2:] = both
        return cls.encode(array)

    def write(self, files):
        """Writes {name: bytes}; the path of the pack."""
        if self.form == "folder":
            for name, content in files.items():
                path = self.folder / "pack" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            return self.folder / "pack"
        top = "around/" if "around" in self.form else ""
        with zipfile.ZipFile(self.folder / "pack.zip", "w") as archive:
            for name, content in files.items():
                archive.writestr(top + name, content)
        return str(self.folder / "pack.zip")

    @staticmethod
    def load(path, kind, split="train", **options):
        """data.load of small grey pictures."""
        options = {"size": 8, "channels": 1, **options}
        return data.load(path, kind, split, **options)

    @staticmethod
    def values(dataset, name="image"):
        """The grey of each (plain) picture."""
        column = dataset.take(np.arange(len(dataset)))[name]
        assert column.dtype == np.uint8
        assert (column == column[:, :1, :1]).all()
        return column[:, 0, 0, 0].tolist()


@pytest.fixture(params=["folder", "zip", "zip with one folder around"])
def packs(request, tmp_path):
    """Packs of each form."""
    return Packs(request.param, tmp_path)


@pytest.fixture
def folder(tmp_path):
    """Packs that are folders."""
    return Packs("folder", tmp_path)

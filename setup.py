"""What setup.cfg cannot say: a wheel has the weights of small models only."""

import tomllib
from pathlib import Path

from setuptools import setup

# Bytes of all weights of a model.
LIMIT = 3_000_000
ROOT = Path(__file__).parent


def large(name):
    """Whether a model's weights, or those that it borrows, are left out."""
    files = (ROOT / "saved_models" / name).glob("*.weights.h5")
    recipe = tomllib.loads((ROOT / f"zoo/{name}.toml").read_text("utf-8"))
    return sum(file.stat().st_size for file in files) > LIMIT or any(
        large(borrowed["model"])
        for borrowed in recipe.get("frozen", {}).values()
    )


names = sorted(folder.name for folder in (ROOT / "saved_models").iterdir())
setup(exclude_package_data={
    "keras_gen._home.saved_models": [f"{n}/*" for n in names if large(n)],
})

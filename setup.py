"""What setup.cfg cannot say: a wheel has the weights of small models only."""

from pathlib import Path

from setuptools import setup

# Bytes of all weights of a model.
LIMIT = 3_000_000

folders = (Path(__file__).parent / "saved_models").iterdir()
large = [
    folder.name for folder in sorted(folders)
    if sum(f.stat().st_size for f in folder.glob("*.weights.h5")) > LIMIT
]
setup(exclude_package_data={
    "keras_gen._home.saved_models": [f"{name}/*" for name in large],
})

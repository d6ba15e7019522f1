"""Keras' settings for the whole process: what keras_gen needs of them.

They come from the environment, from keras.json or from the program.
"""

import importlib.util
import json
import os
from pathlib import Path

from keras_gen.errors import InputError

BACKENDS = ("tensorflow", "torch")
_NEEDED = {"floatx": "float32", "image_data_format": "channels_last"}
# Whether the process is keras_gen's own, as that of its command line is, and
# nobody else's settings count in it.
own_process = False


def check() -> None:
    """Sees to it that the process' settings are those that networks, losses
    and data are written for.

    Raises:
        InputError: they are others, and the process is not `own_process`.
    """
    import keras

    for name, needed in _NEEDED.items():
        found = getattr(keras.config, name)()
        if found != needed and own_process:
            getattr(keras.config, f"set_{name}")(needed)
        elif found != needed:
            raise InputError(
                f"Keras is set to {name} = {found!r}, and keras_gen computes "
                f"with {needed!r}: call keras.config.set_{name}({needed!r}) "
                "first, or change it in ~/.keras/keras.json"
            )


def refuse_backend(name: str) -> None:
    """Raises an InputError for a backend that keras_gen does not have."""
    if name not in BACKENDS:
        raise InputError(
            "keras_gen trains on the Keras backends 'tensorflow' and 'torch', "
            f"not {name!r}: set KERAS_BACKEND to one of the two before Keras "
            "is imported"
        )


def wanted_backend() -> str:
    """The backend that Keras, once imported, takes."""
    wanted = os.environ.get("KERAS_BACKEND") or _configured("backend")
    return wanted or "tensorflow"


def refuse_wanted_backend() -> None:
    """Raises an InputError where Keras, once imported, would take a backend
    that keras_gen does not have, or that is not installed."""
    name = wanted_backend()
    refuse_backend(name)
    if importlib.util.find_spec(name) is None:
        raise InputError(
            f"Keras is set to the backend {name!r}, which is not installed: "
            f"pip install {name}, or set KERAS_BACKEND to "
            f"{' or '.join(other for other in BACKENDS if other != name)}"
        )


def _configured(key):
    """What keras.json says; None without."""
    home = os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser()
    try:
        found = json.loads(Path(home, "keras.json").read_text("utf-8"))
        return found.get(key)
    except (OSError, ValueError, AttributeError):
        return None  # as Keras itself does

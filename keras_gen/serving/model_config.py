"""Which models and versions are served: by default the highest version of
each model, or what TensorFlow Serving's --model_config_file says."""

import dataclasses
import math
from pathlib import Path

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from keras_gen import atomic
from keras_gen.errors import InputError
from keras_gen.serving import folders


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """One model.

    Attributes:
        folder: Path with the version folders.
        most: how many versions are served, the highest first.
        versions: the only numbers that are served; None for any.
        labels: version numbers by label.
    """

    folder: Path
    most: float = 1
    versions: frozenset | None = None
    labels: dict = dataclasses.field(default_factory=dict)

    def candidates(self, found):
        """The numbers out of `found` that may be served, best first."""
        return sorted(
            (n for n in found if self.versions is None or n in self.versions),
            reverse=True,
        )


def read(path, root):
    """Reads a file with a ModelServerConfig in text format.

    Args:
        path: the file.
        root: the served folder, resolved; a relative base_path is in it.

    Returns:
        `ModelConfig` by name.

    Raises:
        InputError: the file is not what is expected, or a base_path lies
            outside `root`.
    """
    try:
        config = text_format.Parse(
            atomic.local(path).read_text("utf-8-sig"),
            model_server_config_pb2.ModelServerConfig(),
        )
    except (OSError, UnicodeDecodeError, text_format.ParseError) as error:
        raise InputError(
            f"cannot read the model config {path}: {error}; expected "
            'model_config_list { config { name: "..." base_path: "..." } }'
        ) from error
    models = {}
    for entry in config.model_config_list.config:
        if entry.name in models:
            raise InputError(f"{path} has the model {entry.name!r} twice")
        models[entry.name] = _model(entry, path, root)
    if not models:
        raise InputError(
            f"{path} has no model: expected "
            'model_config_list { config { name: "..." base_path: "..." } }'
        )
    return models


def _model(entry, path, root):
    if not entry.name or not entry.base_path:
        raise InputError(
            f"{path}: every config needs a name and a base_path, got "
            f"name {entry.name!r} and base_path {entry.base_path!r}"
        )
    if entry.model_platform not in ("", "tensorflow"):
        raise InputError(
            f"{path}: the model_platform of {entry.name!r} must be "
            f'"tensorflow", got {entry.model_platform!r}'
        )
    folder = root / atomic.local(entry.base_path)
    if not folders.inside(folder, root):
        raise InputError(
            f"{path}: the base_path {entry.base_path} of {entry.name!r} lies "
            f"outside {root}: move the model there, or serve a folder that "
            "has both"
        )
    policy = entry.model_version_policy
    kind = policy.WhichOneof("policy_choice")
    most = math.inf if kind in ("all", "specific") else (
        policy.latest.num_versions or 1
    )
    versions = None
    if kind == "specific":
        versions = frozenset(policy.specific.versions)
    return ModelConfig(folder, most, versions, dict(entry.version_labels))

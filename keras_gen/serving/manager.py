"""The loaded versions of all models, kept up to date with the folder."""

import dataclasses
import gc
import logging
import threading

from keras_gen import atomic
from keras_gen.errors import InputError
from keras_gen.serving import folders, model_config
from keras_gen.serving.errors import ServingError, invalid
from keras_gen.serving.servable import Servable

logger = logging.getLogger(__name__)


@dataclasses.dataclass
class Version:
    """What is known of one version.

    Attributes:
        state: LOADING, AVAILABLE or END, as TensorFlow Serving names them.
        files: `folders.state` when it was last loaded, or tried to.
        servable: while it is AVAILABLE.
        error: the `ServingError` that ended it, if any.
    """

    state: str
    files: tuple
    servable: Servable | None = None
    error: ServingError | None = None


class Manager:
    """Loads new versions, and only then lets go of old ones. Requests under
    way keep the version that they began with.

    Args:
        root: the served folder.
        config_file: TensorFlow Serving's --model_config_file, or None.
        limits: `Limits`.
        loaded: called with the path and the `Servable`, or None, when loading
            it ended.
        unloaded: called with a `Servable` that answers no more requests.

    Raises:
        InputError: there is no such folder, no model in it, or the file is
            wrong.
    """

    def __init__(self, root, config_file, limits, loaded, unloaded):
        root = atomic.local(root)
        if not root.is_dir():
            raise InputError(
                f"there is no folder {root}: give one laid out as "
                "<name>/<version>/saved_model.pb"
            )
        self.root = folders.real(root)
        self.limits = limits
        self._loaded, self._unloaded = loaded, unloaded
        self._configs = None
        if config_file:
            self._configs = model_config.read(config_file, self.root)
        elif folders.is_model(self.root, self.root):
            self._configs = {
                folders.name_of(self.root): model_config.ModelConfig(self.root)
            }
        # The poll that is under way may add and remove versions.
        self._lock = threading.Lock()
        self._models, self._labels = {}, {}
        self._wanted = set()

    def poll(self):
        """Looks at the folder once, and loads and lets go what is to be."""
        configs = self._configs
        if configs is None:
            configs = {
                name: model_config.ModelConfig(folder)
                for name, folder in folders.models(self.root).items()
            }
        for name in sorted(self._models.keys() | configs.keys()):
            if name in configs:
                self._labels[name] = configs[name].labels
                self._refresh(name, configs[name])
            else:
                self._keep(name, {})
        # Not before: who waits for a new model's loading is ready still.
        self._wanted = set(configs)

    def models(self):
        """Available `Servable`s by model and version, sorted."""
        with self._lock:
            names = sorted(self._models)
        return {name: self._available(name) for name in names}

    def ready(self, name="", version=None):
        """Whether a model, or a version of it, is available; of "" whether
        all models of the folder are, as it was last looked at. None for one
        that never was here."""
        if not name:
            wanted = self._wanted
            return bool(wanted) and all(map(self._available, wanted))
        with self._lock:
            known = self._models.get(name, {})
        if not self.serves(name) or version is not None and (
            version not in known
        ):
            return None
        available = self._available(name)
        return bool(available) if version is None else version in available

    def serves(self, name):
        """Whether a model is, or was, here."""
        return name in self._models

    def number(self, name, version, label):
        """The version's number that a request asks for, None for none."""
        if label is None:
            return version
        if label not in self._labels.get(name, {}):
            raise invalid(f"Unrecognized servable version label: {label}")
        return self._labels[name][label]

    def servable(self, name, version=None, label=None):
        """The `Servable` that a request asks for.

        Args:
            version: its number, or None for the highest.
            label: its label, or None.

        Raises:
            ServingError: NOT_FOUND; INVALID_ARGUMENT: an unknown label.
        """
        if not name:
            raise invalid("ModelSpec has no name specified.")
        version = self.number(name, version, label)
        available = self._available(name)
        if version is None and available:
            return available[max(available)]
        if version not in available:
            asked = "Latest({})" if version is None else "Specific({}, {})"
            raise ServingError(
                "NOT_FOUND", "Servable not found for request: "
                + asked.format(name, version),
            )
        return available[version]

    def status(self, name, version=None, label=None):
        """What is known of a model: `Version` by number, highest first.

        Raises:
            ServingError: as of `servable`.
        """
        version = self.number(name, version, label)
        with self._lock:
            known = dict(self._models.get(name, {}))
        if version is not None:
            if version not in known:
                raise ServingError(
                    "NOT_FOUND",
                    f"Could not find version {version} of model {name}",
                )
            return {version: known[version]}
        if not known:
            raise ServingError(
                "NOT_FOUND", f"Could not find any versions of model {name}"
            )
        return dict(sorted(known.items(), reverse=True))

    def _available(self, name):
        """A model's `Servable`s by version, sorted."""
        with self._lock:
            return {
                number: version.servable for number, version
                in sorted(self._models.get(name, {}).items())
                if version.servable
            }

    def _refresh(self, name, config):
        found = folders.versions(config.folder, self.root)
        served = []
        for number in config.candidates(found):
            if len(served) == config.most:
                break
            if self._current(name, number, found[number]):
                served.append(number)
        # Where nothing new can be served, what is there goes on.
        self._keep(name, served or found)

    def _current(self, name, number, path):
        """Whether the version is available, loaded now if it has changed."""
        versions = self._models.get(name, {})
        known, files = versions.get(number), folders.state(path)
        if known is None or known.files != files:
            known = self._load(name, number, path, files, known)
        return known.servable is not None

    def _load(self, name, number, path, files, known):
        if known is None or not known.servable:
            self._set(name, number, Version("LOADING", files))
        try:
            folders.check_links(path, self.root)
            servable = Servable(name, number, path, self.limits)
        except ServingError as error:
            logger.error(
                "cannot load %s version %s: %s: %s", name, number, error.code,
                " ".join(error.message.split())[:500],
            )
            self._loaded(path, None)
            version = Version("END", files, error=error)
            if known is not None and known.servable:
                version = dataclasses.replace(known, files=files)
        else:
            logger.info(
                "loaded %s version %s in %.1f s", name, number,
                servable.seconds,
            )
            self._loaded(path, servable)
            version = Version("AVAILABLE", files, servable)
        self._set(name, number, version)
        return version

    def _set(self, name, number, version):
        with self._lock:
            versions = self._models.setdefault(name, {})
            before = versions.get(number)
            versions[number] = version
        if before and before.servable not in (None, version.servable):
            self._unloaded(before.servable)

    def _keep(self, name, numbers):
        """Lets go of all other versions of a model."""
        gone = [
            number for number, version in self._models.get(name, {}).items()
            if version.servable and number not in numbers
        ]
        for number in gone:
            self._set(name, number, Version("END", ()))
            logger.info("unloaded %s version %s", name, number)
        if gone:
            gc.collect()  # what TensorFlow loads holds itself in circles

"""Saving and loading of models with several networks and optimizers."""

import inspect
from typing import Any

import keras

from keras_gen import atomic
from keras_gen.errors import InputError


class Configured:
    """Configuration of an `Objective`: it stores each argument of its
    constructor under the argument's own name, networks among them, and
    compiles with a dict of optimizers. `.keras` files then bring back all of
    it, optimizers with their state included.

    Attributes:
        facts: names of attributes that are known of a model beside its
            arguments, and saved with it; None where they are not.
    """

    facts: tuple = ("picture_size", "picture_ranges")

    def known_facts(self) -> dict[str, Any]:
        """The facts by name."""
        return {name: getattr(self, name) for name in self.facts}

    def arguments(self) -> dict[str, Any]:
        """The arguments of the constructor by name."""
        names = [
            n for base in type(self).__mro__
            if issubclass(base, Configured) and "__init__" in vars(base)
            for n, p in inspect.signature(base.__init__).parameters.items()
            if n != "self" and p.kind is not p.VAR_KEYWORD
        ]
        return {n: getattr(self, n) for n in dict.fromkeys(names)}

    def with_networks(self, networks: dict[str, keras.Model]) -> dict:
        """The arguments of the constructor with other networks.

        Args:
            networks: dict from names, as of `Objective.networks`.
        """
        def replaced(name, value):
            if isinstance(value, (list, tuple)):
                return [
                    replaced(f"{name}_{i}", v) for i, v in enumerate(value)
                ]
            return networks.get(name, value)

        return {n: replaced(n, v) for n, v in self.arguments().items()}

    def save(
        self, filepath: str | atomic.Path, overwrite: bool = True,
        zipped: bool | None = None, **kwargs,
    ) -> None:
        """Writes the whole model, its optimizers with their state included;
        arguments as of `keras.Model.save`; `~` is the user's home folder here
        and below. In another process `import keras_gen` before
        `keras.models.load_model` reads it.

        Raises:
            InputError: no name of a .keras file, or it cannot be written.
        """
        path = atomic.local(filepath)
        if zipped is not False and path.suffix != ".keras":
            raise InputError(
                f"a model is saved as a .keras file, not {path}: "
                "save('mine.keras'); its weights alone are saved by "
                "save_weights('mine.weights.h5'), what a server runs by "
                "export('folder')"
            )
        if zipped is False or not overwrite and path.exists():
            # To a folder, or after a question.
            super().save(path, overwrite, zipped, **kwargs)
            return
        with atomic.replacing(path) as aside:
            super().save(aside, **kwargs)

    def save_weights(
        self, filepath: str | atomic.Path, *args, **kwargs
    ) -> None:
        """As `keras.Model.save_weights`."""
        super().save_weights(atomic.local(filepath), *args, **kwargs)

    def load_weights(
        self, filepath: str | atomic.Path, *args, **kwargs
    ) -> None:
        """As `keras.Model.load_weights`."""
        super().load_weights(atomic.local(filepath), *args, **kwargs)

    def get_config(self) -> dict:
        return keras.saving.serialize_keras_object(
            self.arguments() | {"ema": self.ema} | self.known_facts()
        )

    @classmethod
    def from_config(
        cls, config: dict, custom_objects: dict | None = None
    ) -> keras.Model:
        arguments = keras.saving.deserialize_keras_object(
            config, custom_objects=custom_objects
        )
        # Models saved by earlier versions lack these keys.
        ema = arguments.pop("ema", None)
        facts = {name: arguments.pop(name, None) for name in cls.facts}
        model = cls(**arguments)
        for name, value in facts.items():
            if isinstance(value, dict):
                # A file has lists for tuples.
                value = {
                    k: tuple(v) if isinstance(v, list) else v
                    for k, v in value.items()
                }
            if value is not None:
                setattr(model, name, value)
        if ema:
            model.average(**ema)
        return model

    def get_compile_config(self) -> dict | None:
        if not self.compiled:
            return None
        return {
            "optimizers": {
                player: keras.saving.serialize_keras_object(optimizer)
                for player, optimizer in self.optimizers.items()
            },
            "jit_compile": self.jit_compile,
        }

    def compile_from_config(self, config: dict) -> None:
        config = keras.saving.deserialize_keras_object(config)
        self.compile(**config)

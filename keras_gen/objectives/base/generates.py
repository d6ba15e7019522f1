"""Pictures out of a model: generated, previewed, exported."""

import keras
import numpy as np
from keras import ops

from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.objectives.base.tensors import to_uint8


class Generates:
    """What an `Objective` does with trained networks. Subclasses give
    `sample` and `signatures`; compiled functions are kept in
    `self._compiled_functions`."""

    # Whether pictures come out. Where they do not, a preview can only show
    # the data's own, and is not published.
    makes_pictures = True
    # The type of value that is made; None for a model that makes nothing.
    made = None

    def can(self, ability):
        """Whether the model has an ability of `base.abilities`."""
        return ability.held_by(self)

    def run(self, method, *arguments):
        """`self.<method>(*arguments)` as a compiled inference function, with
        the averaged networks where there are any."""
        if method not in self._compiled_functions:
            self._compiled_functions[method] = gradients.compiled(
                getattr(self.generating(), method)
            )
        return keras.tree.map_structure(
            ops.convert_to_numpy, self._compiled_functions[method](*arguments)
        )

    def sample(self, seeds, **condition):
        """Pictures in [-1, 1], one for each int64 seed, shape (n, h, w, c).
        Row i depends on seed i alone."""
        raise InputError(
            f"{type(self).__name__} does not generate pictures from noise"
        )

    def generate(self, n, *, seed=None, **condition):
        """Generates pictures; picture i has the seed `seed + i`, and the
        same seed gives the same picture in any batch, on either backend and
        in the exported model.

        Args:
            n: how many, at least 1.
            seed: int; a new one every time by default.
            **condition: what the model is conditioned on, if anything, for
                instance `label`, and for models with latents `truncation`,
                the largest absolute value of their numbers (0.5 to 1: more
                typical and less varied pictures): one value, or one for each
                picture.

        Returns:
            uint8 array of shape (n, height, width, channels).
        """
        if n < 1:
            raise InputError(f"n must be at least 1, got {n}")
        if seed is None:
            seed = int(np.random.SeedSequence().generate_state(1)[0])
        seeds = np.arange(seed, seed + n, dtype="int64")
        condition = self._condition(n, condition)
        parts = []
        for i in range(0, n, 64):
            rows = slice(i, i + 64)
            chunk = [seeds[rows]] + [c[rows] for c in condition]
            chunk = [ops.convert_to_tensor(c) for c in chunk]
            parts.append(to_uint8(self.run("sample", *chunk)))
        return np.concatenate(parts)

    def _condition(self, n, condition):
        """Checks the keywords of `generate`; a list of arrays of n rows."""
        if condition:
            raise InputError(
                f"{type(self).__name__}.generate takes no "
                f"{', '.join(condition)}"
            )
        return []

    def preview(self, batch, seed=0):
        """Pictures for the sample grid written during training.

        Args:
            batch: dict of arrays as the data set serves them.
            seed: fixes the latents, so that grids show the same ones.

        Returns:
            `(pictures, columns)`: uint8 (n, h, w, c), row by row, and the
            grid's number of columns.
        """
        return self.generate(64, seed=seed), 8

    def exhibit(self, batch, seed=0):
        """Like `preview`, but nothing of the data is among the pictures:
        what a model's card shows when the data must not be published."""
        return self.preview(batch, seed)

    def monitored(self, batch, seed=0):
        """Pictures to watch the training by.

        Args:
            batch, seed: as of `preview`.

        Returns:
            `(made, real, groups)`: uint8 pictures (n, h, w, c) that the
            model makes, as many that it should resemble, and int (n,) when
            only those of one group should resemble each other, else None.
        """
        raise NotImplementedError

    def signatures(self):
        """What an export serves: `{name: (function, inputs)}`, where the
        function takes tensors and returns a dict of tensors, whose row i
        depends on row i of its arguments alone, and inputs is
        `{name: signature.Input}` in the order of the arguments."""
        raise NotImplementedError

    def functions(self):
        """What `keras_gen.export.onnx_litert` writes: `{network: function}`,
        of the networks that serve, where the function takes what the network
        takes and returns a dict of tensors."""
        raise NotImplementedError

    # Height and width at which an export with free sizes is checked.
    example_side = 64

    def export(self, folder):
        """Writes the SavedModel of the generating side as the next version
        in `folder`, TensorFlow Serving's base path, and returns the version's
        path (see `keras_gen.export.saved_model.write`); TensorFlow only."""
        from keras_gen.export import saved_model

        return saved_model.write(self, folder)

"""Feature networks: what pictures are measured by.

A measured distance depends on the network, and on how pictures are brought to
its size, as much as on the pictures: every result names both. Only the 2015
Inception graph gives what the literature calls FID.
"""

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from keras_gen.abilities import Predicts
from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.evaluation import inception_graph
from keras_gen.evaluation.feature_network import (
    FeatureNetwork,
    Features,
    Resized,
)
from keras_gen.zoo import weights

if TYPE_CHECKING:
    import keras

# The one network whose Frechet distance is FID.
FID_NETWORK = "inception-2015-12-05"


class ZooNetwork(Resized):
    """A published classifier, with its averaged weights where it has any.

    Args:
        name: of a recipe whose objective is a `Classifier`, or the work
            directory of a run of such a one.

    Raises:
        InputError: its weights are missing or damaged.
    """

    def __init__(self, name):
        from keras_gen import zoo

        objective = zoo.load(name)
        Predicts.require(objective)
        network = objective.generating().classifier
        super().__init__(
            Path(name).name, tuple(network.input_shape[1:]),
            network.output["features"].shape[-1], objective.classes,
            _digest(network.get_weights()),
        )
        self.objective = objective

    def compute(self, pictures):
        found = self.objective.predictions(self.resized(pictures))
        return Features(found["features"], found["probabilities"])

    def of_floats(self, pictures):
        """Features of pictures that are not rounded to uint8, as a path
        length needs them.

        Args:
            pictures: float32 (n, height, width, 1 or 3) in [-1, 1]; resized
                bilinearly with antialiasing.

        Returns:
            float32 array (n, dim).
        """
        from keras import ops

        side, _, channels = self.shape
        if pictures.shape[1:3] != (side, side):
            pictures = ops.image.resize(
                pictures, (side, side), antialias=True
            )
        if pictures.shape[3] != channels:
            luma = ops.convert_to_tensor([[0.299], [0.587], [0.114]])
            pictures = (
                ops.matmul(pictures, luma) if channels == 1
                else ops.repeat(pictures, 3, axis=3)
            )
        return self.objective.run("predicted", pictures)["features"]


class KerasNetwork(Resized):
    """Any Keras model of square pictures.

    Args:
        name: for results.
        model: a functional `keras.Model` with one input (n, side, side,
            1 or 3).
        layer: name of the layer whose output is the features; the last but
            one by default. Maps are averaged over their pixels.
        input_range: what the model takes for black and for full.
        classes: names of the model's outputs, if these are probabilities.

    Raises:
        InputError: no such layer, another input, outputs that are no
            probabilities of these classes, the name of another network.
    """

    def __init__(
        self, name: str, model: "keras.Model", layer: str | None = None,
        input_range: tuple[float, float] = (-1.0, 1.0),
        classes: Sequence[str] = (),
    ):
        import keras

        shape = tuple(model.input_shape[1:])
        if (
            len(shape) != 3 or None in shape or shape[0] != shape[1]
            or shape[2] not in (1, 3)
        ):
            raise InputError(
                f"{name} takes {shape}; a feature network takes square "
                "pictures of a fixed size, (side, side, 1 or 3)"
            )
        if name == FID_NETWORK:
            raise InputError(
                f"only the graph of 2015 is called {name}: give this model "
                "another name"
            )
        names = [each.name for each in model.layers]
        if layer is not None and layer not in names:
            raise InputError(
                f"{name} has no layer {layer!r}; its last ones are "
                f"{', '.join(names[-5:])}"
            )
        output = model.get_layer(layer or names[-2]).output
        self.low, self.high = map(float, input_range)
        super().__init__(
            name, shape, output.shape[-1], classes,
            _digest(model.get_weights(), layer, self.low, self.high),
        )
        outputs = {"features": output}
        if classes:
            outputs["probabilities"] = model.output
        self._run = _inference(keras.Model(model.inputs, outputs))

    def compute(self, pictures):
        floats = self.resized(pictures).astype("float32") / 255
        found = self._run(self.low + floats * (self.high - self.low))
        features = found["features"]
        if features.ndim > 2:
            features = features.mean(tuple(range(1, features.ndim - 1)))
        return Features(features, self._checked(found.get("probabilities")))

    def _checked(self, found):
        if found is not None and (
            found.shape[1:] != (len(self.classes),) or found.min() < 0
            or abs(found.sum(-1) - 1).max() > 1e-3
        ):
            raise InputError(
                f"the outputs of {self.name} are no probabilities of its "
                f"{len(self.classes)} classes: end it with a softmax, or "
                "leave classes out"
            )
        return found


class Inception2015(FeatureNetwork):
    """The graph inception-2015-12-05, the one that FID
    (https://arxiv.org/abs/1706.08500) and the Inception Score
    (https://arxiv.org/abs/1606.03498) are defined by.

    Features are its pool_3 layer. Probabilities are those of the original
    code, a softmax of the logits without their bias. Needs TensorFlow, on
    either Keras backend. A file counts as the graph when it has its tensors,
    in their sizes; `identity` is the file's sha256.

    Args:
        path: of classify_image_graph_def.pb, which inception-2015-12-05.tgz
            holds.

    Raises:
        InputError: no such file, or not that graph.
    """

    rows = 50  # as in the original code: its maps are large

    def __init__(self, path):
        self._run, identity = inception_graph.load(path)
        super().__init__(
            FID_NETWORK,
            "bilinear to 299 x 299 in the graph, not antialiased; RGB, grey "
            "repeated",
            inception_graph.DIM,
            map(str, range(inception_graph.CLASSES)), identity,
        )

    def compute(self, pictures):
        colour = np.broadcast_to(pictures, (*pictures.shape[:-1], 3))
        return Features(*self._run(colour.astype("float32")))


@accepted
def network(name: str) -> FeatureNetwork:
    """A feature network by name.

    Args:
        name: "classifier_mnist" or another published classifier, or the work
            directory of a run of one; "keras-inceptionv3", Keras' own with
            its ImageNet weights; or the path of the 2015 Inception graph,
            ending in .pb.

    Raises:
        InputError: no such network, or its files cannot be had.
    """
    if name.endswith(".pb"):
        return Inception2015(name)
    if name == "keras-inceptionv3":
        return keras_inception()
    if name not in _classifiers() and not weights.run_folder(name):
        raise InputError(
            f"there is no feature network {name!r}: use one of "
            f"{', '.join(_classifiers())}, keras-inceptionv3 or the path of "
            "classify_image_graph_def.pb"
        )
    return ZooNetwork(name)


def keras_inception():
    """Keras' InceptionV3: other weights than the graph of 2015, and so other
    distances, https://keras.io/api/applications/inceptionv3/."""
    import keras

    try:
        model = keras.applications.InceptionV3()
    except Exception as error:  # the network, the disk, a damaged file ...
        cause = str(error).strip().partition("\n")[0]
        raise InputError(
            f"the weights of keras-inceptionv3 cannot be had ({cause}): put "
            "inception_v3_weights_tf_dim_ordering_tf_kernels.h5 into "
            "~/.keras/models, or use a published classifier"
        ) from error
    return KerasNetwork(
        "keras-inceptionv3", model, classes=map(str, range(1000))
    )


def metric_name(metric, network):
    """What a metric is called in a feature network: "fid" for a Frechet
    distance in the 2015 Inception graph alone, else "metric[network]".

    Args:
        metric, network: their names.
    """
    if (metric, network) == ("frechet_distance", FID_NETWORK):
        return "fid"
    return f"{metric}[{network}]"


def _classifiers():
    from keras_gen import zoo

    return [n for n in zoo.names() if n.startswith("classifier_")]


def _inference(model):
    """A Keras model as a function of a float32 array that returns a dict of
    float32 arrays."""
    from keras import ops

    from keras_gen.backend import gradients

    run = gradients.compiled(functools.partial(model, training=False))

    def call(values):
        found = run(ops.convert_to_tensor(values))
        return {
            name: np.asarray(ops.convert_to_numpy(value), "float32")
            for name, value in found.items()
        }

    return call


def _digest(weights, *more):
    code = hashlib.sha256(repr(more).encode())
    for array in weights:
        code.update(repr((array.shape, str(array.dtype))).encode())
        code.update(np.ascontiguousarray(array))
    return code.hexdigest()

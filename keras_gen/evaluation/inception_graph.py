"""The frozen graph inception-2015-12-05, as FID and the Inception Score use
it: the tensors are those that the original code feeds and reads."""

import hashlib

from keras_gen import atomic
from keras_gen.errors import InputError

DIM, CLASSES = 2048, 1008

_FILE = "classify_image_graph_def.pb"
_ADDRESS = (
    "http://download.tensorflow.org/models/image/imagenet/"
    "inception-2015-12-05.tgz"
)


def load(path):
    """Reads the graph; needs TensorFlow, on either Keras backend.

    Args:
        path: of the .pb file.

    Returns:
        `(run, identity)`: `run` takes float32 RGB pictures (n, height, width,
        3) in [0, 255] of any size and returns float32 arrays, the pool_3
        features (n, 2048) and the softmax of the logits without their bias,
        (n, 1008); `identity` is the file's sha256.

    Raises:
        InputError: no such file, not that graph, or no TensorFlow.
    """
    try:
        with open(atomic.local(path), "rb") as file:
            content = file.read()
    except OSError as error:
        raise InputError(
            f"cannot read {path} ({error.strerror}): give the path of "
            f"{_FILE}, from {_ADDRESS}"
        ) from error
    try:
        import tensorflow as tf
    except ImportError as error:
        raise InputError(
            f"{path} runs through TensorFlow, which is not installed "
            f"({error}): pip install tensorflow"
        ) from error
    # A graph of its own, run by a session: in a function, operations that
    # TensorFlow has given up since 2015 would be refused.
    graph = tf.Graph()
    try:
        with graph.as_default():
            pictures, outputs = _import(tf, content)
    except Exception as error:  # protobuf and TensorFlow raise all kinds
        cause = str(error).strip().partition("\n")[0]
        raise InputError(
            f"{path} is not the graph inception-2015-12-05 ({cause}): give "
            f"its {_FILE}, from {_ADDRESS}"
        ) from error
    session = tf.compat.v1.Session(graph=graph)

    def run(values):
        return session.run(outputs, {pictures: values})

    return run, hashlib.sha256(content).hexdigest()


def _import(tf, content):
    """(placeholder of pictures, [features, probabilities])"""
    definition = tf.compat.v1.GraphDef.FromString(content)
    pictures = tf.compat.v1.placeholder("float32", (None, None, None, 3))
    pool, product = tf.graph_util.import_graph_def(
        definition, {"ExpandDims:0": pictures},
        ["pool_3:0", "softmax/logits/MatMul"],
    )
    features = tf.reshape(pool, (-1, DIM))
    weights = tf.ensure_shape(product.inputs[1], (DIM, CLASSES))
    return pictures, [features, tf.nn.softmax(features @ weights)]

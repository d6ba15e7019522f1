"""What the shared tests know of a network, and do to any."""

import dataclasses
import importlib

import keras
import numpy as np

BATCH = 3
PIXELS, FREE = "pixels", "free"


@dataclasses.dataclass(frozen=True, eq=False)
class Case:
    function: str  # "module:function", as in a recipe
    arguments: dict
    inputs: dict  # name -> shape without batch; () is a label below 3
    outputs: dict  # name -> shape without batch; one unnamed: {"": shape}
    range: str = FREE
    hidden: tuple = ()  # outputs that another one is computed from
    last: tuple = ()  # names of the layers that the others are linear in
    mixed: tuple = ()  # outputs of a row that depend on its batch's others
    exact: bool = False  # whether it computes in float32 under every policy

    @property
    def id(self):
        values = [str(v) for v in self.arguments.values()]
        return "-".join([self.function.replace(":", "."), *values])

    def build(self):
        module, name = self.function.split(":")
        module = importlib.import_module(f"keras_gen.networks.{module}")
        return getattr(module, name)(**self.arguments)

    def last_layers(self, network):
        """Those named in `last`, or one for each output, the last ones that
        have weights."""
        if self.last:
            return [network.get_layer(name) for name in self.last]
        weighty = [layer for layer in network.layers if layer.weights]
        return weighty[len(self.hidden) - len(self.outputs):]

    def data(self, seed=0, batch=BATCH):
        """A network input: an array, or a dict where there are labels."""
        rng = np.random.default_rng(seed)
        data = {
            name: rng.integers(0, 3, batch).astype("int32")
            if name == "label"
            else rng.uniform(-1, 1, (batch, *shape)).astype("float32")
            for name, shape in self.inputs.items()
        }
        return data if len(data) > 1 else next(iter(data.values()))


def randomise(network, seed=0):
    """Give every weight a value that shows: fresh kernels of deviation 0.02
    and zero biases would hide a mistake below any tolerance."""
    rng = np.random.default_rng(seed)
    for weight in network.weights:
        shape = tuple(weight.shape)
        noise = rng.standard_normal(shape)
        if weight.name == "moving_variance":
            weight.assign(rng.uniform(0.5, 2.0, shape))
        elif weight.name == "gamma":
            weight.assign(1 + 0.2 * noise)
        elif len(shape) > 1:
            fan_in = np.prod(shape[:-1])
            if "transpose" in weight.path:
                # Half of the taps of each axis meet a pixel at stride 2.
                fan_in = np.prod(shape[:-2]) * shape[-1]
                fan_in /= 2 ** (len(shape) - 2)
            weight.assign(noise * (1.5 / fan_in) ** 0.5)
        else:
            weight.assign(0.2 * noise)


def flat(outputs):
    """A network's output as {name: float32 array}."""
    if not isinstance(outputs, dict):
        outputs = {"": outputs}
    return {
        name: keras.ops.convert_to_numpy(value)
        for name, value in outputs.items()
    }

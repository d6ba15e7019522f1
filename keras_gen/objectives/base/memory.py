"""What stands beside a game and keeps numbers from step to step."""

from typing import Any

import keras
from keras import ops

from keras_gen.backend import moving_statistics


class Memory:
    """The numbers of a term or an augmentation in one model: variables of
    the model, saved with it and equal on all replicas. Like optimizers they
    begin anew in each stage of a training.

    Args:
        model: whose variables they are.
        owner: the term or augmentation; its `remembers` is a dict from names
            to the numbers at the start.
    """

    def __init__(self, model: keras.Model, owner: Any):
        self.owner = owner
        self.variables = {
            name: model.add_weight(
                name=f"{type(owner).__name__}_{name}", shape=(),
                dtype="float32", trainable=False,
                initializer=keras.initializers.Constant(start),
                aggregation="only_first_replica",
            )
            for name, start in owner.remembers.items()
        }

    def __getitem__(self, name: str) -> Any:
        # On PyTorch the tensor itself would change with the variable.
        return ops.copy(ops.convert_to_tensor(self.variables[name]))

    def keep(self, **numbers: Any) -> None:
        """Moves numbers, float32 scalars that are the same on all replicas;
        none in an update of another player or where nothing moves."""
        for name, number in numbers.items():
            if not moving_statistics.frozen(self.variables[name]):
                self.variables[name].assign(number)

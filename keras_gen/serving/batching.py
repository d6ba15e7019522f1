"""Requests of many clients as one batch, by TensorFlow's own batching op.

It is the scheduler that TensorFlow Serving uses, with the same parameters:
https://github.com/tensorflow/serving/tree/master/tensorflow_serving/batching
"""

import dataclasses
import itertools
import re

import tensorflow as tf

from keras_gen import atomic
from keras_gen.errors import InputError

_FIELD = re.compile(
    r"\s*(\w+)\s*(?::\s*(\d+)|:?\s*\{\s*value\s*:\s*(\d+)\s*\})[\s,;]*"
)
_queues = itertools.count()


@dataclasses.dataclass(frozen=True)
class Parameters:
    """TensorFlow Serving's, for all models together.

    Attributes:
        max_batch_size: rows of one batch, and of one request.
        batch_timeout_micros: how long a row waits for others; while a batch
            runs, the next one gathers in any case.
        num_batch_threads: batches that run at the same time. One alone uses
            all cores, and the next one is the larger.
        max_enqueued_batches: batches of one signature that wait; a request
            that finds so many is refused.
        allowed_batch_sizes: sizes up to which a batch is filled, growing, the
            last one max_batch_size; () for any.
    """

    max_batch_size: int = 32
    batch_timeout_micros: int = 0
    num_batch_threads: int = 1
    max_enqueued_batches: int = 100
    allowed_batch_sizes: tuple = ()

    def __post_init__(self):
        least = {"batch_timeout_micros": 0}
        for name, value in dataclasses.asdict(self).items():
            if isinstance(value, int) and value < least.get(name, 1):
                raise InputError(
                    f"{name} must be at least {least.get(name, 1)}, got "
                    f"{value}"
                )
        sizes = self.allowed_batch_sizes
        if sizes and (
            list(sizes) != sorted(set(sizes)) or sizes[0] < 1
            or sizes[-1] != self.max_batch_size
        ):
            raise InputError(
                "allowed_batch_sizes must grow and end with max_batch_size, "
                f"{self.max_batch_size}, got {', '.join(map(str, sizes))}"
            )

    @classmethod
    def read(cls, path):
        """Reads TensorFlow Serving's --batching_parameters_file.

        Raises:
            InputError: it cannot be read, or has other parameters.
        """
        try:
            text = atomic.local(path).read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"cannot read the batching parameters {path}: {error}"
            ) from error
        text = re.sub("#.*", "", text).strip()
        names = {field.name for field in dataclasses.fields(cls)}
        values, at = {}, 0
        while at < len(text):
            field = _FIELD.match(text, at)
            if not field or field[1] not in names:
                raise InputError(
                    f"{path}: cannot read {text[at:at + 40]!r}: expected "
                    f"'max_batch_size {{ value: 32 }}' or another of "
                    f"{', '.join(sorted(names))}"
                )
            values.setdefault(field[1], []).append(int(field[2] or field[3]))
            at = field.end()
        sizes = tuple(values.pop("allowed_batch_sizes", ()))
        return cls(
            allowed_batch_sizes=sizes,
            **{name: given[-1] for name, given in values.items()},
        )


def batched(function, parameters):
    """A function that runs the rows of concurrent calls as one batch.

    `tf.nondifferentiable_batch_function` gives every function threads of its
    own, which never end; here all share the threads, as in TensorFlow
    Serving, and each has a queue.

    Args:
        function: a concrete function of tensors with a free first dimension.
        parameters: `Parameters`.

    Returns:
        A function of tensors that returns a list of tensors, flat. It raises
        tf.errors.UnavailableError when the queue is full. Any other error
        may be that of a row of another call.
    """
    queue = f"queue {next(_queues)}"
    values = dataclasses.asdict(parameters)

    def run(*tensors):
        return tf.raw_ops.BatchFunction(
            in_tensors=list(tensors),
            captured_tensors=function.captured_inputs,
            f=function,
            Tout=[output.dtype for output in function.outputs],
            shared_name=f"keras_gen {parameters}",
            batching_queue=queue,
            **values,
        )

    return run

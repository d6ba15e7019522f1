"""Where a run trains, once started: replicas, and workers in step."""

import contextlib
import functools
import importlib.util
import os
import re

import keras
import numpy as np

from keras_gen.errors import WorkerLost


class Place:
    """The devices of this process, and the other workers' if there are any.

    Several workers run the same program in step, each with a copy of the
    networks. The chief alone has the work directory: it reads checkpoints,
    which `share` hands to the others, and writes everything.

    Args:
        plan: a `devices.Plan`.
        strategy: the `tf.distribute.Strategy`, None on one device.
    """

    def __init__(self, plan, strategy=None):
        self.plan, self.strategy = plan, strategy

    @property
    def workers(self):
        """How many processes train in step."""
        return self.plan.cluster.workers if self.plan.cluster else 1

    @property
    def number(self):
        """Which of them this is; 0 is the chief."""
        return self.plan.cluster.number if self.plan.cluster else 0

    @property
    def chief(self):
        """Whether this process is the one that writes."""
        return self.number == 0

    def describe(self):
        """Hardware, strategy and replicas, in words."""
        count = self.plan.replicas
        text = f"{self._hardware()}; strategy {self.plan.strategy}, {count} "
        text += "replica" if count == 1 else "replicas"
        return text + (f" on {self.workers} workers" * (self.workers > 1))

    def _hardware(self):
        names = self._gpus()
        if names:
            return f"{len(names)} GPU: {', '.join(map(str, names))}"
        return f"CPU, {os.cpu_count()} cores"

    def _gpus(self):
        """The names of the GPUs in use."""
        if keras.backend.backend() == "tensorflow":
            return gpu_names()[:len(self.plan.numbers)]
        return gpu_names()[:1]

    def advice(self):
        """Lines on what would train faster here."""
        if (
            keras.backend.backend() == "torch" and not self._gpus()
            and importlib.util.find_spec("tensorflow")
        ):
            yield (
                "on a CPU keras_gen trains faster on TensorFlow, which is "
                "installed: set KERAS_BACKEND=tensorflow; this run can go on "
                "with it"
            )

    def scope(self):
        """Context in which models that train here are made."""
        if self.strategy is None:
            return contextlib.nullcontext()
        return self.strategy.scope()

    def data(self, batches):
        """A `data.Batches` as `fit` takes it here.

        Each replica gets an equal, consecutive share of every batch, in the
        order of the replicas.
        """
        if keras.backend.backend() != "tensorflow":
            return batches
        if self.workers == 1:
            return batches.tf_data()
        # TensorFlow itself would give every worker the first rows.
        own = batches.of_worker(self.number, self.workers)
        rows = batches.batch_size // self.plan.replicas
        return self.strategy.distribute_datasets_from_function(
            lambda _: own.tf_data().rebatch(rows, drop_remainder=True)
        )

    def share(self, objective):
        """Gives every worker all the chief's values: networks, optimizers,
        step and whatever else `objective` keeps in variables."""
        if self.workers == 1:
            return
        variables = list(objective.variables)
        for optimizer in objective.optimizers.values():
            variables += optimizer.variables
        values = [keras.ops.convert_to_numpy(v) for v in variables]
        if not self.chief:
            values = [np.zeros_like(v) for v in values]
        for variable, value in zip(variables, self._sums(values)):
            variable.assign(value)

    def any_worker(self, flag):
        """Whether `flag` is true on some worker. All must ask together."""
        if self.workers == 1:
            return flag
        return self._sums([np.float32(flag)])[0] > 0

    def of_chief(self, number, bound):
        """What the function `number` returns to the chief, below `bound`,
        on every worker. All must ask together."""
        if self.workers == 1:
            return number()
        wanted = number() if self.chief else 0
        return sum(self.any_worker(wanted > i) for i in range(bound - 1))

    def _sums(self, values):
        """Sums of arrays over the workers."""
        import tensorflow as tf

        values = [tf.convert_to_tensor(v) for v in values]
        return [v.numpy() for v in self._compiled_sums(values)]

    @functools.cached_property
    def _compiled_sums(self):
        import tensorflow as tf

        def each(values):
            context = tf.distribute.get_replica_context()
            # A worker's other replicas would add its values again.
            place = context.replica_id_in_sync_group % len(self.plan.numbers)
            return [
                context.all_reduce(
                    tf.distribute.ReduceOp.SUM,
                    v * tf.cast(place == 0, v.dtype),
                )
                for v in values
            ]

        @tf.function(autograph=False, reduce_retracing=True)
        def sums(values):
            results = self.strategy.run(each, (values,))
            return [
                self.strategy.experimental_local_results(r)[0]
                for r in results
            ]

        return sums

    @contextlib.contextmanager
    def lost_workers(self):
        """Turns TensorFlow's errors about the others into a `WorkerLost`."""
        if self.workers == 1:
            yield
            return
        import tensorflow as tf

        try:
            yield
        except tf.errors.OpError as error:
            if not isinstance(error, (
                tf.errors.UnavailableError, tf.errors.AbortedError,
                tf.errors.CancelledError, tf.errors.DeadlineExceededError,
            )) and "ollective" not in error.message:
                raise
            raise WorkerLost(
                f"{self._who(error.message)} stopped, and so does worker "
                f"{self.number}: see what it printed, then start all workers "
                "again; they go on from the last checkpoint"
            ) from error

    def _who(self, message):
        """Which other worker a message of TensorFlow is about."""
        named = re.findall(r"/job:(\w+)/(?:replica:\d+/)?task:(\d+)", message)
        tasks = self.plan.cluster.tasks
        numbers = {tasks.index((job, int(task))) for job, task in named}
        numbers.discard(self.number)
        if len(numbers) != 1:
            return "another worker"
        number = numbers.pop()
        return f"worker {number} ({self.plan.cluster.addresses[number]})"


def gpu_names():
    """The names of the GPUs that the backend sees."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return [
            tf.config.experimental.get_device_details(gpu).get("device_name")
            for gpu in tf.config.get_visible_devices("GPU")
        ]
    import torch

    count = torch.cuda.device_count()
    return [torch.cuda.get_device_name(i) for i in range(count)]

"""Which devices train: one, several in this process, or several workers."""

import dataclasses
import functools
import os
import re

import keras

from keras_gen.errors import InputError
from keras_gen.training.devices.cluster import Cluster, read_cluster
from keras_gen.training.devices.place import Place

# Seconds without a sign of life after which a worker counts as lost.
PATIENCE = 60
STRATEGIES = ("auto", "none", "mirrored", "multiworker")


@dataclasses.dataclass(frozen=True)
class Plan:
    """What `plan` decided; `start` does it.

    Attributes:
        strategy: "none", "mirrored" or "multiworker".
        kind: "CPU" or "GPU".
        numbers: this process' devices, as TensorFlow numbers them.
        cluster: a `Cluster`; None unless "multiworker".
    """

    strategy: str
    kind: str
    numbers: tuple
    cluster: Cluster | None = None

    @property
    def replicas(self):
        """Copies of the networks that train in step, over all workers."""
        workers = self.cluster.workers if self.cluster else 1
        return len(self.numbers) * workers

    def start(self, batch_size):
        """Sets TensorFlow's devices up and waits for all workers.

        Args:
            batch_size: pictures in a batch, over all replicas.

        Returns:
            A `Place`.

        Raises:
            InputError: the replicas cannot share the batch equally, or
                TensorFlow already runs with other devices.
        """
        self.check_batch(batch_size)
        if keras.backend.backend() != "tensorflow":
            return Place(self)
        import tensorflow as tf

        try:
            self._arrange(tf)
        except RuntimeError as error:
            raise InputError(
                f"TensorFlow already runs with other devices ({error}): "
                "choose them at the start of the process"
            )
        if self.strategy == "multiworker":
            _wait_for_slow_workers()
            # Waits for the others, without end: they may still be queued.
            print(
                f"waiting for {', '.join(self.cluster.addresses)}", flush=True
            )
            return Place(self, tf.distribute.MultiWorkerMirroredStrategy())
        if self.strategy == "mirrored":
            names = [f"{self.kind}:{i}" for i in range(len(self.numbers))]
            return Place(self, tf.distribute.MirroredStrategy(names))
        return Place(self)

    def check_batch(self, batch_size):
        """Raises an InputError unless all replicas get as many rows."""
        more = batch_size % self.replicas
        if more:
            below, above = batch_size - more, batch_size - more + self.replicas
            near = f"{below} or {above}" if below else str(above)
            raise InputError(
                f"a batch of {batch_size} cannot be shared equally by "
                f"{self.replicas} replicas: try --batch_size={near}"
            )

    def _arrange(self, tf):
        """Shows TensorFlow exactly these devices."""
        gpus = tf.config.list_physical_devices("GPU")
        chosen = [gpus[i] for i in self.numbers] if self.kind == "GPU" else []
        if chosen != gpus:
            tf.config.set_visible_devices(chosen, "GPU")
        if self.kind == "CPU" and len(self.numbers) > 1:
            split = [tf.config.LogicalDeviceConfiguration()]
            cpu = tf.config.list_physical_devices("CPU")[0]
            split *= len(self.numbers)
            if tf.config.get_logical_device_configuration(cpu) != split:
                tf.config.set_logical_device_configuration(cpu, split)


def _wait_for_slow_workers():
    """Makes TensorFlow wait longer for a sign of life than its ten seconds,
    after which it gives up a worker whose machine was busy with something
    else. There is no public way."""
    from tensorflow.python.eager import context

    context = context.context()
    context.configure_coordination_service = functools.partial(
        context.configure_coordination_service,
        heartbeat_timeout_in_ms=1000 * PATIENCE,
    )


def plan(strategy="auto", devices=None):
    """Decides where to train; changes nothing yet.

    Args:
        strategy: one of `STRATEGIES`. "auto" is "multiworker" where
            TF_CONFIG names several workers, "mirrored" with several devices,
            else "none".
        devices: "2" for the first two GPUs, "0,2" for GPUs 0 and 2 ("2," for
            GPU 2 alone), "cpu", or "cpu:2" for the CPU split in two; by
            default all GPUs, or the CPU where there are none.

    Returns:
        A `Plan`.

    Raises:
        InputError: what was asked for is not there, or does not fit.
    """
    if keras.backend.backend() != "tensorflow":
        return _plan_of_one_device(strategy, devices)
    import tensorflow as tf

    workers = read_cluster(os.environ.get("TF_CONFIG"))
    gpus = len(tf.config.list_physical_devices("GPU"))
    return decide(strategy, devices, gpus, workers)


def _plan_of_one_device(strategy, devices):
    several = read_cluster(os.environ.get("TF_CONFIG"))
    if (
        strategy not in ("auto", "none") or devices is not None
        or (strategy == "auto" and several and several.workers > 1)
    ):
        raise InputError(
            f"on {keras.backend.backend()} keras_gen trains on one device: "
            "leave out --strategy, --devices and TF_CONFIG, or set "
            "KERAS_BACKEND=tensorflow"
        )
    return Plan("none", "GPU", (0,))


def decide(strategy, devices, gpus, workers):
    """The `Plan` for these flags, so many GPUs and this cluster or None."""
    if strategy not in STRATEGIES:
        raise InputError(
            f"--strategy is one of {', '.join(STRATEGIES)}; got {strategy!r}"
        )
    kind, numbers = parse_devices(devices, gpus)
    if strategy == "multiworker" and workers is None:
        raise InputError(
            "--strategy=multiworker needs the environment variable TF_CONFIG, "
            "a different one in each process: see train/README.md"
        )
    if strategy in ("auto", "multiworker") and workers is not None:
        if workers.workers > 1:
            if kind == "CPU" and len(numbers) > 1:
                raise InputError(
                    f"--devices={devices} splits the CPU of one process: "
                    "with several workers each trains on its whole CPU or "
                    "on its GPUs"
                )
            return Plan("multiworker", kind, numbers, workers)
        # A cluster of one is one machine.
        strategy = "auto"
    if strategy == "none" and len(numbers) > 1:
        if devices is not None:
            raise InputError(
                f"--strategy=none trains on one device, --devices={devices} "
                f"names {len(numbers)}: leave one of the two out"
            )
        numbers = numbers[:1]
    if strategy == "auto":
        strategy = "mirrored" if len(numbers) > 1 else "none"
    return Plan(strategy, kind, numbers)


def parse_devices(text, gpus):
    """("CPU" or "GPU", their numbers) for --devices, given so many GPUs."""
    if text is None:
        return ("GPU", tuple(range(gpus))) if gpus else ("CPU", (0,))
    cpu = re.fullmatch(r"cpu(?::([1-9]\d*))?", text, re.IGNORECASE)
    if cpu:
        return "CPU", tuple(range(int(cpu[1] or 1)))
    if re.fullmatch(r"[1-9]\d*", text):
        numbers = tuple(range(int(text)))
    elif re.fullmatch(r"\d+(,\d+)+|\d+,", text):
        numbers = tuple(int(n) for n in text.split(",") if n)
    else:
        numbers = ()
    if not numbers or len(set(numbers)) < len(numbers):
        raise InputError(
            "--devices takes a number of GPUs (2), different GPUs (0,2), cpu, "
            f"or parts of the CPU (cpu:2); got {text!r}"
        )
    if max(numbers) >= gpus:
        raise InputError(
            f"--devices={text} names more GPUs than TensorFlow sees "
            f"({gpus}): name fewer, or try --devices=cpu:{len(numbers)}"
        )
    return "GPU", numbers

"""Gradients and compiled functions: all that differs by backend.

With `replication` the only file of a training step that touches
`tf.GradientTape`, `torch.autograd` or `tf.distribute`. Everything else in a
step is written once in Keras operations.
"""

import contextlib
from typing import Any, NamedTuple

import keras
from keras import ops

from keras_gen.backend import settings
from keras_gen.backend.replication import replicas

settings.refuse_backend(keras.backend.backend())
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
else:
    import torch


def _is_tensorflow():
    return keras.backend.backend() == "tensorflow"


class Ahead(NamedTuple):
    """What a forward pass made before its update; see `ahead`."""

    made: Any
    tape: Any = None


def ahead(forward, variables):
    """A forward pass now, whose gradient `minimize` takes later: in between
    other variables may move.

    Args:
        forward: function without arguments.
        variables: the Keras variables that the update will move.

    Returns:
        An `Ahead` with what `forward` returns.
    """
    if not _is_tensorflow():
        return Ahead(forward())
    tape = _tape()
    with tape:
        tape.watch([v.value for v in variables])
        return Ahead(forward(), tape)


def _tape():
    # Watching some alone leaves the other players' passes unrecorded.
    return tf.GradientTape(watch_accessed_variables=False)


def minimize(loss_fn, variables, optimizer, begun=None):
    """One optimizer step on the scalar loss that `loss_fn()` computes.

    Args:
        loss_fn: function without arguments that runs the forward pass and
            returns `(loss, logs)`: the mean loss over this replica's rows,
            scalar, and a dict of scalars to log.
        variables: the Keras variables to move; exactly these do.
        optimizer: a built `keras.optimizers.Optimizer`.
        begun: the `Ahead` that the loss is a function of, if there is one.

    Returns:
        `(loss, logs)`: the loss as computed, not scaled, and the logs with
        `gradient_norm`, the 2-norm of the whole gradient, over all variables
        and replicas and without a loss scale. Where it is not finite the
        variables stay finite: the gradient counts as 0, or a
        LossScaleOptimizer leaves the step out.

    Raises:
        ValueError: variables that `loss_fn` does not depend on, by name.
    """
    loss, logs, gradients = differentiate(
        loss_fn, variables, optimizer, begun
    )
    with without_recording():
        norm = global_norm(gradients) / optimizer.scale_loss(ops.ones(()))
        if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            # A branch, not a product: it costs no pass over the gradients.
            gradients = ops.cond(
                ops.isfinite(norm),
                lambda: gradients,
                lambda: [ops.zeros_like(g) for g in gradients],
            )
        optimizer.apply(list(gradients), variables)
    return loss, {**logs, "gradient_norm": norm}


def differentiate(loss_fn, variables, optimizer, begun=None):
    """What `minimize` computes before it moves anything.

    Args:
        loss_fn, variables, optimizer, begun: as of `minimize`.

    Returns:
        `(loss, logs, gradients)`: the gradients of the mean loss over all
        replicas, a list, each scaled as the optimizer takes them.
    """
    # Gradients are summed over replicas, so each brings its share of the mean.
    share = 1.0 / replicas()

    def scaled_loss():
        loss, logs = loss_fn()
        loss = ops.cast(loss, "float32")
        return optimizer.scale_loss(loss * share), loss, logs

    if _is_tensorflow():
        values = [v.value for v in variables]
        tape = _tape() if begun is None else begun.tape
        with tape:
            tape.watch(values)
            scaled, loss, logs = scaled_loss()
        gradients = tape.gradient(scaled, values)
        _refuse_dead(gradients, variables)
        return loss, logs, _summed_once(gradients, optimizer)
    scaled, loss, logs = scaled_loss()
    values = [v.value for v in variables]
    gradients = torch.autograd.grad(scaled, values, allow_unused=True)
    _refuse_dead(gradients, variables)
    logs = {k: ops.stop_gradient(v) for k, v in logs.items()}
    return loss.detach(), logs, list(gradients)


def _summed_once(gradients, optimizer):
    """The gradients summed over replicas, here instead of in the optimizer.

    Keras would sum them only after it has clipped them and looked for
    infinities, each replica for itself: one replica would then apply an
    infinity that the others skip.
    """
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    vars(inner)["_all_reduce_sum_gradients"] = list
    # An embedding's gradient lists the rows looked up, and Keras'
    # optimizers take a row listed twice for two steps.
    gradients = [tf.convert_to_tensor(g) for g in gradients]
    return tf.distribute.get_replica_context().all_reduce(
        tf.distribute.ReduceOp.SUM, gradients
    )


def global_norm(tensors):
    """The 2-norm of all numbers of a list of tensors, float32 scalar."""
    tensors = [ops.cast(t, "float32") for t in tensors]
    if _is_tensorflow():
        return tf.linalg.global_norm(tensors)
    norms = [torch.linalg.vector_norm(t) for t in tensors]
    return torch.linalg.vector_norm(torch.stack(norms))


def without_recording():
    """A block whose operations autograd does not follow on PyTorch."""
    if _is_tensorflow():
        return contextlib.nullcontext()
    return torch.no_grad()


def undisturbed():
    """A block after which the backend's own random numbers are as before:
    on PyTorch, Keras' reader of data draws one of them."""
    if _is_tensorflow():
        return contextlib.nullcontext()
    return torch.random.fork_rng(devices=[])


def _refuse_dead(gradients, variables):
    dead = [v.path for g, v in zip(gradients, variables) if g is None]
    if dead:
        raise ValueError(
            "The loss does not depend on these variables, so they would "
            f"never train: {', '.join(dead)}. Run the forward pass inside "
            "the loss function, and leave unused layers out of the network."
        )


def arrange(variables):
    """Lays kernels out in memory as the backend's convolutions read them;
    their values, shapes and files stay. Nothing to do on TensorFlow.

    PyTorch would otherwise transpose every kernel in every pass, and every
    kernel's gradient back.

    Args:
        variables: of a network or an optimizer; those with four axes,
            (height, width, a, b), are kernels or slots of kernels.
    """
    if _is_tensorflow():
        return
    for variable in variables:
        if len(variable.shape) == 4:
            value = variable.value.data.permute(3, 2, 0, 1)
            value = value.contiguous(memory_format=torch.channels_last)
            variable.value.data = value.permute(2, 3, 1, 0)


def gradient_wrt_input(fn, x):
    """Gradient of sum(fn(x)) with respect to x, itself differentiable.

    Args:
        fn: maps x to a tensor; rows must not depend on each other, so that
            row i of the result is the gradient of fn(x)[i].
        x: floating-point tensor of shape (n, ...).

    Returns:
        Tensor of x's shape and dtype.
    """
    if _is_tensorflow():
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            y = ops.sum(ops.cast(fn(x), "float32"))
        return tape.gradient(y, x)
    with torch.enable_grad():
        if not x.requires_grad:
            x = x.detach().requires_grad_(True)
        y = ops.sum(ops.cast(fn(x), "float32"))
        return torch.autograd.grad(y, x, create_graph=True)[0]


def standing_in(variables, values):
    """A block in which layers compute with these tensors in the place of
    their variables, whose own values stay."""
    return keras.StatelessScope(list(zip(variables, values)))


def unrolled(loss_fn, variables, steps, move):
    """What variables would be after steps down a loss, as a function of all
    that the loss depends on: gradients go through every step. The variables
    themselves do not move.

    Args:
        loss_fn: function without arguments; runs the forward pass and
            returns the loss, a scalar.
        variables: the Keras variables that would move.
        steps: how many times, at least 0.
        move: function of the values and of the loss' gradients at them, two
            lists of tensors, that returns the next values.

    Returns:
        A list of tensors, for `standing_in`.

    Raises:
        ValueError: variables that the loss does not depend on, by name.
    """
    values = [ops.convert_to_tensor(v.value) for v in variables]
    if not _is_tensorflow():
        # The gradients of the loss asked for are of others.
        values = [v.detach() for v in values]
    for _ in range(steps):
        values = move(*_slopes(loss_fn, variables, values))
    return values


def _slopes(loss_fn, variables, values):
    """The values, and the gradients at them, themselves differentiable."""
    if _is_tensorflow():
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            with standing_in(variables, values):
                loss = loss_fn()
        slopes = tape.gradient(loss, values)
        _refuse_dead(slopes, variables)
        # An embedding's lists the rows looked up.
        return values, [tf.convert_to_tensor(s) for s in slopes]
    with torch.enable_grad():
        values = [v if v.requires_grad else v.requires_grad_() for v in values]
        with standing_in(variables, values):
            loss = loss_fn()
        slopes = torch.autograd.grad(
            loss, values, create_graph=True, allow_unused=True
        )
    _refuse_dead(slopes, variables)
    return values, list(slopes)


def constant(fn):
    """`fn()` with gradients neither recorded nor passed through."""
    if _is_tensorflow():
        # `minimize` watches one player's variables; only these are stopped.
        return keras.tree.map_structure(ops.stop_gradient, fn())
    with torch.no_grad():
        return fn()


def compiled(fn):
    """`fn` as an inference function: a graph on TensorFlow (compiled once
    for every batch size), without autograd on PyTorch."""
    if _is_tensorflow():
        return tf.function(fn, reduce_retracing=True, autograph=False)
    return torch.no_grad()(fn)


def symbolic(x):
    """Whether a tensor has no numbers yet, because a graph is being made."""
    if isinstance(x, keras.KerasTensor):
        return True
    if _is_tensorflow():
        return tf.is_tensor(x) and not hasattr(x, "numpy")
    return torch.compiler.is_compiling()


def accelerated(tensor):
    """Whether a tensor is computed on, or may go to, anything but a CPU."""
    if _is_tensorflow():
        return bool(tf.config.get_visible_devices("GPU"))
    return tensor.device.type != "cpu"

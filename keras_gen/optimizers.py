"""Adam in one operation for each variable. The others are Keras' own,
`keras.optimizers`, which recipes may name likewise."""

from typing import Any

import keras

from keras_gen.backend.replication import replicas

_Adam: Any
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    # Not an instance's type: to make one starts TensorFlow, whose devices
    # and workers could then no longer be chosen.
    _Adam = keras.optimizers.Adam
elif keras.backend.backend() == "torch":
    import torch
    from torch.optim.adam import adam

    # Here Keras makes an instance of another class, with a faster step.
    _Adam = type(keras.optimizers.Adam())


@keras.saving.register_keras_serializable(package="keras_gen")
class Adam(_Adam):
    """`keras.optimizers.Adam`, its arguments, variables and numbers.

    Keras composes the step of about ten operations, each of which reads and
    writes every variable: a third of pix2pix's training step on a CPU. Here
    it is the backend's own operation wherever that has the same meaning: on
    one replica, on PyTorch on CPUs, without amsgrad.

    Paper: Kingma and Ba, 1412.6980; epsilon as in the paper's last formula
    of section 2 ("epsilon hat").
    """

    def __init__(self, learning_rate: Any = 0.001, *args, **kwargs):
        if type(learning_rate) is int:
            # Keras takes no whole number.
            learning_rate = float(learning_rate)
        super().__init__(learning_rate, *args, **kwargs)

    def update_step(
        self, gradient: Any, variable: keras.Variable, learning_rate: Any
    ) -> None:
        if (
            self.amsgrad or replicas() > 1
            or keras.backend.backend() != "tensorflow"
        ):
            return super().update_step(gradient, variable, learning_rate)
        step = tf.cast(self.iterations + 1, variable.dtype)
        index = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(tf.cast(self.beta_1, variable.dtype), step),
            beta2_power=tf.pow(tf.cast(self.beta_2, variable.dtype), step),
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, variable.dtype),
        )

    def _parallel_update_step(self, grads, variables, learning_rate):
        values = [v.value for v in variables]
        indices = [self._get_variable_index(v) for v in variables]
        first = [self._momentums[i].value for i in indices]
        second = [self._velocities[i].value for i in indices]
        # The operation walks through all memory in order.
        grads = [_laid_out_as(v, g) for v, g in zip(values, grads)]
        apart = any(
            m.stride() != v.stride() or s.stride() != v.stride()
            for v, m, s in zip(values, first, second)
        )
        if self.amsgrad or apart or any(v.is_cuda for v in values):
            return super()._parallel_update_step(
                grads, variables, learning_rate
            )
        done = int(self.iterations)
        adam(
            values, grads, first, second, [],
            [torch.tensor(float(done)) for _ in values],
            fused=True,
            amsgrad=False,
            beta1=self.beta_1,
            beta2=self.beta_2,
            lr=float(learning_rate),
            weight_decay=0.0,
            # PyTorch adds its epsilon to the corrected deviation.
            eps=self.epsilon / (1 - self.beta_2 ** (done + 1)) ** 0.5,
            maximize=False,
        )


def _laid_out_as(value, gradient):
    if gradient.stride() == value.stride():
        return gradient
    return torch.empty_like(value).copy_(gradient)

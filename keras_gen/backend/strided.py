"""Convolutions of kernel 4 and stride 2 on TensorFlow and CPUs, whose kernels
get their gradient from matrix products.

TensorFlow's own operation for it leaves the processor idle where maps are
small and channels many: 27 ms for 64 maps of 8 x 8, 256 to 512 channels in
bfloat16, which take 5 ms here. That was a third of DCGAN's training step.
"""

import keras

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

# Pixels of the smaller map above which TensorFlow's operation is faster.
_LARGEST = 64


def suits(layer, height, width):
    """Whether the functions below compute this layer, and faster.

    Args:
        layer: a Conv2D or Conv2DTranspose.
        height, width: of the smaller map, int or None.
    """
    return (
        keras.backend.backend() == "tensorflow"
        and layer.kernel_size == (4, 4)
        and layer.strides == (2, 2)
        and layer.padding == "same"
        and layer.dilation_rate == (1, 1)
        and height is not None
        and width is not None
        and height * width <= _LARGEST
        and not tf.config.list_logical_devices("GPU")
    )


def convolved(x, kernel):
    """The convolution with padding "same".

    Args:
        x: (n, 2 h, 2 w, a).
        kernel: (4, 4, a, b), of the same dtype.

    Returns:
        (n, h, w, b).
    """
    @tf.custom_gradient
    def function(x, kernel):
        def gradient(dy):
            return transposed(dy, kernel), kernel_gradient(x, dy)

        return tf.nn.conv2d(x, kernel, 2, "SAME"), gradient

    # A variable is read here: a custom gradient is of tensors.
    return function(x, tf.convert_to_tensor(kernel))


def transposed(y, kernel):
    """The transposed convolution: `convolved`'s gradient by its input.

    Args:
        y: (n, h, w, b).
        kernel: (4, 4, a, b), of the same dtype.

    Returns:
        (n, 2 h, 2 w, a).
    """
    @tf.custom_gradient
    def function(y, kernel):
        def gradient(dx):
            return convolved(dx, kernel), kernel_gradient(dx, y)

        _, height, width, _ = y.shape
        shape = [tf.shape(y)[0], 2 * height, 2 * width, kernel.shape[2]]
        return tf.nn.conv2d_transpose(y, kernel, shape, 2, "SAME"), gradient

    return function(y, tf.convert_to_tensor(kernel))


def kernel_gradient(x, dy):
    """Gradient of sum(convolved(x, kernel) * dy) by the kernel.

    Args:
        x: (n, 2 h, 2 w, a).
        dy: (n, h, w, b).

    Returns:
        (4, 4, a, b).
    """
    _, height, width, after = dy.shape
    before = x.shape[-1]
    # Blocks of 2 x 2 pixels: the kernel reads 2 x 2 of them, one step apart.
    x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])
    blocks = tf.nn.space_to_depth(x, 2)
    dy = tf.reshape(dy, [-1, after])

    def quarter(i, j):
        seen = blocks[:, i:i + height, j:j + width]
        seen = tf.reshape(seen, [-1, 4 * before])
        product = tf.matmul(seen, dy, transpose_a=True)
        return tf.reshape(product, [2, 2, before, after])

    return tf.concat([
        tf.concat([quarter(i, j) for j in range(2)], 1) for i in range(2)
    ], 0)

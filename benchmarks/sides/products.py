"""What a machine can do at best, by products of matrices and by copies.

    products.py products|copies PRECISION
"""

import sys

import tensorflow as tf
import worker

ROWS, NUMBERS = 2048, 2 ** 24
FLOP = 2 * ROWS ** 3  # of a product
BYTES = 2 * 4 * NUMBERS  # of a copy: read and written


def step(what, precision):
    """A function that makes one product, or one copy."""
    if what == "products":
        one = tf.cast(tf.random.normal((ROWS, ROWS)), precision)
        return tf.function(lambda: {"corner": tf.matmul(one, one)[0, 0]})
    source = tf.Variable(tf.zeros(NUMBERS))
    copy = tf.Variable(tf.zeros(NUMBERS))

    @tf.function
    def copied():
        copy.assign(source + 1.0)
        return {"first": copy[0]}

    return copied


if __name__ == "__main__":
    worker.serve(step(*sys.argv[1:]))

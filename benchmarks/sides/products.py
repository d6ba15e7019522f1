"""What a machine can do at best, by products of matrices and by copies.

    worker.py products products|copies PRECISION

Says how many FLOP a product takes, or bytes a copy reads and writes.
"""

import tensorflow as tf

ROWS, NUMBERS = 2048, 2 ** 24


def step(what, precision):
    """A function that makes one product, or one copy."""
    if what == "products":
        print("each", 2 * ROWS ** 3)
        one = tf.cast(tf.random.normal((ROWS, ROWS)), precision)
        return tf.function(lambda: {"corner": tf.matmul(one, one)[0, 0]})
    print("each", 2 * 4 * NUMBERS)
    source = tf.Variable(tf.zeros(NUMBERS))
    copy = tf.Variable(tf.zeros(NUMBERS))

    @tf.function
    def copied():
        copy.assign(source + 1.0)
        return {"first": copy[0]}

    return copied

"""Replicas that train in step: how many, and what they tell each other.

Only TensorFlow has several, of a `tf.distribute` strategy.
"""

import keras
from keras import ops

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


def _is_tensorflow():
    return keras.backend.backend() == "tensorflow"


def replica():
    """This replica's number: 0 outside a strategy, else an int or tensor."""
    if _is_tensorflow():
        context = tf.distribute.get_replica_context()
        if context is not None:
            return context.replica_id_in_sync_group
    return 0


def replicas():
    """How many replicas train in step, 1 without a strategy."""
    if _is_tensorflow():
        return tf.distribute.get_strategy().num_replicas_in_sync
    return 1


def workers():
    """How many processes train in step, 1 outside multi-worker training."""
    if _is_tensorflow():
        strategy = tf.distribute.get_strategy()
        resolver = getattr(strategy, "cluster_resolver", None)
        if resolver is not None:
            spec = resolver.cluster_spec().as_dict()
            return len(spec.get("worker", [])) + len(spec.get("chief", []))
    return 1


def shared_out(batch, parts):
    """This replica's rows of a step: as many as every other replica's, so
    that the mean over replicas is the mean over rows.

    Keras hands rows out as they come: of the last batch of an epoch one
    replica may get more than the others, or all. Where the rows of all
    together do not make equal shares, each replica takes them all and does
    what one device would do.

    Args:
        batch: dict of tensors, the rows that this replica was given.
        parts: into how many batches the step will split its rows.

    Returns:
        `(batch, replica, replicas)`: its rows, and its number among how many
        replicas whose rows differ, (0, 1) where each has all.
    """
    if replicas() == 1:
        return batch, 0, 1
    context = tf.distribute.get_replica_context()
    known = [x.shape[0] for x in batch.values()]
    # In a graph all replicas' shapes are those of one specification.
    if context is None or not tf.executing_eagerly() and all(
        rows is not None and rows % parts == 0 for rows in known
    ):
        return batch, replica(), replicas()
    whole = {k: _gathered(x) for k, x in batch.items()}
    rows = tf.shape(next(iter(whole.values())))[0]
    equal = tf.equal(rows % (replicas() * parts), 0)
    own = tf.where(equal, rows // replicas(), rows)
    number = tf.where(equal, tf.cast(replica(), "int32"), 0)
    first = number * own
    batch = {k: x[first:first + own] for k, x in whole.items()}
    return batch, number, tf.where(equal, replicas(), 1)


def with_a_row(data):
    """Tensors of the same rows, with a row of zeros where there is none, as a
    replica may get: TensorFlow's convolutions make no sense of no rows."""
    def padded(x):
        missing = tf.maximum(1 - tf.shape(x)[0], 0)
        return tf.concat([x, tf.zeros([missing, *x.shape[1:]], x.dtype)], 0)

    return keras.tree.map_structure(padded, data)


def all_rows(x, differing):
    """The rows of all replicas, in replica order, on every replica.

    Args:
        differing: how many replicas' rows differ, of `shared_out`: those that
            all have all rows would bring each of them again.
    """
    if replicas() == 1:
        return x
    return _gathered(x)[:tf.shape(x)[0] * differing]


def _gathered(x):
    # Where it knows the number of rows, it takes it for that of all, too.
    some = [None, *x.shape[1:]]
    x = tf.raw_ops.PlaceholderWithDefault(input=x, shape=some)
    rows = tf.distribute.get_replica_context().all_gather(x, axis=0)
    # With several numbers of rows it forgets the shape of a row.
    return tf.ensure_shape(rows, some)


def mean_of_all_rows(x):
    """The mean of a tensor's numbers over the rows of all replicas, on every
    replica; gradients go to the rows of each."""
    if replicas() == 1:
        return ops.mean(x)
    total, count = tf.distribute.get_replica_context().all_reduce(
        tf.distribute.ReduceOp.SUM,
        [ops.sum(x), ops.cast(ops.size(x), "float32")],
    )
    return total / count


def own_rows(x, rows, number):
    """The `rows` rows of replica `number` of a tensor made by `all_rows`."""
    if replicas() == 1:
        return x
    first = ops.cast(number, "int32") * ops.cast(rows, "int32")
    return tf.gather(x, tf.range(rows) + first)

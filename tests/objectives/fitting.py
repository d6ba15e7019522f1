"""A tiny model that is compiled and trained with arguments of Keras."""

import keras

from objectives import tiny

NAME = "gan_points"
ROWS = 5


def compiled(optimizers=None, name=NAME, **options):
    model = tiny.build(name)
    model.compile(
        optimizers or {p: keras.optimizers.SGD(0.1) for p in model.players},
        **{"run_eagerly": True, **options},
    )
    return model


def fit(model, name=NAME, **options):
    return tiny.fit(model, tiny.data(name, ROWS), **options)


def one_line(error, *words):
    said = str(error.value)
    assert "\n" not in said
    assert all(word in said for word in words), said

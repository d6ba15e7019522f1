"""The published models: recipes in `zoo/`, weights in `saved_models/`."""

from keras_gen.zoo.weights import home, names, sha256, weights_file

__all__ = [
    "Recipe", "home", "load", "names", "recipe", "sha256", "weights_file",
]


def __getattr__(name):
    # They need Keras, which takes seconds to import: a list of names does not.
    if name in ("load", "recipe"):
        from keras_gen.zoo import loading

        return getattr(loading, name)
    if name == "Recipe":
        from keras_gen.zoo.recipes import Recipe

        return Recipe
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

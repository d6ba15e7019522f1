"""Who says which attributes the pictures of a model have; without Keras."""

from keras_gen.zoo import weights


def of(data: dict) -> str | None:
    """The published classifier of attributes of the same data, whose weights
    are on this machine; None where there is none.

    Args:
        data: the table of the model's recipe.
    """
    for name in weights.names():
        values = weights.document(weights.recipe_file(name))
        if (
            values["objective"].get("multi_label")
            and values["data"]["source"] == data["source"]
            and weights.at_hand(values)
        ):
            return name
    return None

"""The card of a model for a hub: README.md, with the metadata that hubs read.

https://huggingface.co/docs/hub/model-cards
"""

import json

from keras_gen.abilities import (
    DrawsLatents,
    Encodes,
    Predicts,
    TakesLabels,
    Translates,
)
from keras_gen.zoo import cards

FILE = "README.md"


def text(values: dict, model, address: str, license: str | None) -> str:
    """The card.

    Args:
        values: the recipe's nested dicts, as they are told to others.
        model: the objective.
        address: where it will be loaded from.
        license: of the weights, the hub's identifier; None says nothing.
    """
    card = cards.of(values)
    made = values["card"].get("trained", {})
    changes = values["card"].get("changes")
    lines = [
        "---", *metadata(values, card["numbers"], model, license), "---", "",
        f"# {card['name']}", "", f"{card['summary']}.", "",
        *(["![samples](samples.png)", ""] if model.made else []),
        "```python", *example(model, address), "```", "",
        f"Paper: <{card['paper']}>", "",
    ]
    for title, content in card["texts"]:
        lines += [f"**{title}.** {content}", ""]
    if changes:
        lines += [
            f"**Recipe.** {values['card'].get('recipe')}, with {changes}", ""
        ]
    if made:
        told = ", ".join(f"{key} {value}" for key, value in made.items())
        lines += [f"**Trained.** {told}", ""]
    lines += table(card["numbers"])
    lines += [
        "`recipe.toml` is everything that it was made by, with the sha256 of "
        "each file; `export/1` is a SavedModel for TensorFlow Serving.", "",
    ]
    return "\n".join(lines)


def metadata(values, numbers, model, license):
    """Lines of YAML, which takes JSON's values."""
    found = {"library_name": "keras_gen"}
    if license:
        found["license"] = license
    task = pipeline(model)
    if task:
        found["pipeline_tag"] = task
    kind = values["objective"]["class"].rpartition(":")[2]
    found["tags"] = ["keras", "keras_gen", kind.lower()]
    measured = evaluations(values, numbers, task)
    if measured:
        found["model-index"] = [{"name": values["name"], "results": measured}]
    return [
        f"{key}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in found.items()
    ]


def pipeline(model):
    """The hub's name of what a model does, None where it has none."""
    if model.can(Predicts):
        return "image-classification"
    if model.made is None or model.made.name != "picture":
        return None
    if model.can(Translates):
        return "image-to-image"
    if model.can(DrawsLatents):
        return "unconditional-image-generation"
    return "image-feature-extraction" if model.can(Encodes) else None


def evaluations(values, numbers, task):
    """What was measured of the model on the test split, as the hub has it."""
    source = values["data"]["source"]
    return [
        {
            "task": {"type": task or "other"},
            "dataset": {"name": source, "type": source, "split": "test"},
            "metrics": [{
                "type": row["metric"].partition(" ")[0], "name": row["metric"],
                "value": row["model"],
            }],
        } for row in numbers
    ]


def example(model, address):
    """Lines of Python that use it."""
    lines = [
        "import keras_gen", "", f'model = keras_gen.zoo.load("{address}")',
    ]
    if model.can(DrawsLatents) and model.can(TakesLabels):
        label = json.dumps(model.class_names[0] if model.class_names else 0)
        lines.append(f"made = model.generate(16, label={label}, seed=0)")
    elif model.can(DrawsLatents):
        lines.append("made = model.generate(16, seed=0)")
    elif model.can(Translates):
        lines.append("made = model.translate(pictures)")
    elif model.can(Predicts):
        lines.append("probabilities = model.classify(pictures)")
    elif model.can(Encodes):
        lines.append("made = model.reconstruct(pictures)")
    return lines


def table(numbers):
    """Lines of a table: each metric of the model and what to compare it
    with."""
    if not numbers:
        return []
    lines = ["| | this model | to compare with |", "|---|---|---|"]
    for row in numbers:
        spread = f" ± {row['spread']:.1g}" if row["spread"] else ""
        others = ", ".join(
            f"{name} {value:.4g}" for name, value in row["others"].items()
        )
        lines.append(
            f"| {row['metric']} | {row['model']:.4g}{spread} | {others} |"
        )
    return [*lines, ""]

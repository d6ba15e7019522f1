"""What a model's card says, out of its recipe, for galleries and hubs; without
Keras."""

from typing import Any

from keras_gen.zoo import results

# Records of a card at most, and what makes one: the model's own on the test
# split, with others to compare it with.
_ROWS = 12
# Curves and repetitions have pages of their own.
_HIDDEN = ("truncated_",)


def of(values: dict) -> dict[str, Any]:
    """The card of a recipe's nested dicts, for JSON: name, summary, paper,
    texts: list of [title, text]; numbers: list of dicts with metric, model,
    spread or None, and others, {subject: value}, such as floor and
    ceiling."""
    card = values.get("card", {})
    return {
        "name": values["name"],
        "summary": values["summary"],
        "paper": values["paper"],
        "texts": [
            [title, str(card[key])] for key, title in (
                ("use", "For"), ("limits", "Limits"), ("data", "Data"),
                ("deviations", "Other than the paper"),
            ) if card.get(key)
        ],
        "numbers": numbers(values.get("results", ())),
    }


def numbers(groups: list[dict]) -> list[dict[str, Any]]:
    """What was measured on the test split, with what to compare it with; what
    has nothing to compare with comes last."""
    found: dict[str, dict] = {}
    for record in results.flat(groups):
        metric = record["metric"]
        if (
            metric.startswith(_HIDDEN) or "over" in record
            or not record["real"].endswith(" test")
        ):
            continue
        title = metric
        if "features" in record:
            title += f" ({record['features']})"
        if "task" in record:
            title += f", {record['task']}"
        row = found.setdefault(
            title,
            {"metric": title, "model": None, "spread": None, "others": {}},
        )
        if record["subject"] == "model":
            row["model"] = record["value"]
            row["spread"] = record.get("spread")
        else:
            row["others"][record["subject"]] = record["value"]
    rows = [row for row in found.values() if row["model"] is not None]
    return sorted(rows, key=lambda row: not row["others"])[:_ROWS]

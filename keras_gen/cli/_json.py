"""--json, of commands that list or tell: one JSON object on standard output
and nothing else there.

What several tell has one name: `model`, whose numbers; `results`, numbers as
`keras_gen.evaluation.Record.as_dict` has them; `weights`, files of networks;
`written`, paths of what the command wrote. A number that is not finite is
null, as is what is not known.
"""

import json
import math


def add(parser, instead="lines"):
    """--json, and what is printed without it."""
    parser.add_argument(
        "--json", action="store_true",
        help=f"print one JSON object instead of {instead}",
    )


def say(values):
    """Prints a dict; paths, dates and the like as text."""
    print(json.dumps(_plain(values), indent=2, allow_nan=False))


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if hasattr(value, "tolist"):  # NumPy's, which is not imported for it
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)

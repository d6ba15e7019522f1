"""Sentences as numbers: a column `tokens`, the number of each word or code in
the vocabulary, which is what `classes` names."""

import numpy as np

from keras_gen.data.arguments import VALIDATION
from keras_gen.data.kind import Column, Kind
from keras_gen.errors import InputError


class Tokens(Column):
    """Rows of whole numbers, all of one length."""

    value = "tokens"

    def check(self, array, key, path):
        if (not np.issubdtype(array.dtype, np.integer) or array.ndim != 2
                or not array.size or array.min() < 0):
            raise InputError(
                f"tokens {key} of {path} are {array.dtype} {array.shape}; "
                "give whole numbers 0, 1, ... (number, length), each the "
                "place of a word in the array vocabulary"
            )

    def names(self, arrays, given, key, path):
        count = 1 + max(int(array.max()) for array in arrays)
        lengths = {array.shape[1] for array in arrays}
        if given is None or len(given) < count or len(lengths) > 1:
            raise InputError(
                f"tokens {key} of {path} are of length "
                f"{' and '.join(map(str, sorted(lengths)))} and up to "
                f"{count - 1}, with {len(given or ())} words; give one "
                f"length, and an array vocabulary of {count} strings or more"
            )
        return given


class TokensKind(Kind):
    """See the head of this file."""

    columns = {"tokens": Tokens()}
    arguments = {"validation": VALIDATION}
    keys = (("tokens",),)
    names_key = "vocabulary"
    instead = "an .npz with tokens_train and vocabulary"


KIND = TokensKind()

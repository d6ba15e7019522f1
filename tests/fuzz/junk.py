"""What people give by mistake, and how it must be answered."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from keras_gen.errors import InputError

PLAIN = [
    None, True, -1, 0, 1, 3, 2.5, -0.5, float("nan"), float("inf"), "", "x",
    "0", "\u00e9\n\u00e9", b"x", [], [[1], [2, 3]], ["a"], {}, {"a": 1},
    object(), print, (), [None], 1j, range(3), np.float32(2), np.int64(-7),
    "no/such/file.png", "image",
]
DTYPES = ["uint8", "uint16", "int64", "float32", "float64", "bool"]


def _arrays():
    shapes = arrays.array_shapes(
        min_dims=0, max_dims=5, min_side=0, max_side=4
    )
    return st.tuples(st.sampled_from(DTYPES), shapes).flatmap(
        lambda form: arrays.arrays(
            *form, fill=st.just(1), elements=arrays.from_dtype(
                np.dtype(form[0]), allow_subnormal=False
            )
        )
    )


def anything():
    """Any value: those of PLAIN, numbers, texts, arrays."""
    return st.one_of(
        st.sampled_from(PLAIN), _arrays(),
        st.integers(-2**31, 50), st.floats(), st.text(max_size=6),
        st.lists(st.integers(-2, 5) | st.floats(), max_size=4),
        st.just(np.array(["a", "b"])), st.just(np.array([None, 1])),
    )


def refused_well(call):
    """Whether `call()` is refused; any error but an InputError of one line
    fails."""
    try:
        call()
    except InputError as error:
        text = str(error)
        assert text.strip() and len(text) < 600, text
        assert len(text.splitlines()) == 1, text
        return True
    return False

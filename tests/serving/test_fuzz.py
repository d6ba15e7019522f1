"""Any bytes to the parsers of both protocols: arrays that fit the signature,
or a refusal; never another error."""

import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from check import installed

if not installed("tensorflow_serving"):
    pytest.skip("needs the extra serving", allow_module_level=True)

from keras_gen.serving import json_request, json_response  # noqa: E402
from keras_gen.serving.errors import ServingError  # noqa: E402
from keras_gen.serving.signatures import (  # noqa: E402
    STRING,
    Signature,
    Spec,
)

FUZZ = settings(max_examples=120)
MOST = 32
ONE = {"x": Spec(np.dtype("float32"), (None, 2))}
SEVERAL = {
    "count": Spec(np.dtype("int64"), (None,)),
    "flag": Spec(np.dtype("bool"), (None,)),
    "level": Spec(np.dtype("uint8"), (None, None)),
    "scale": Spec(np.dtype("float32"), (None, 2)),
    "word": Spec(STRING, (None,)),
}
INPUTS = st.sampled_from([ONE, SEVERAL])

# JSON that looks like a request, more or less.
NUMBERS = st.one_of(
    st.integers(), st.integers(-2**70, 2**70), st.floats(), st.booleans(),
)
LEAVES = st.one_of(
    NUMBERS, st.none(), st.text(max_size=5),
    st.builds(lambda v: {"b64": v}, st.text(max_size=8) | NUMBERS),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from([*SEVERAL, "x", "b64", "z"]), inner, max_size=6
    ),
    max_leaves=25,
)
# Without the largest: what it is written as is a little larger, and refused,
# as TensorFlow Serving does.
FLOATS = st.floats(width=32).filter(
    lambda x: abs(x) != np.finfo("float32").max
)
DOCUMENTS = st.dictionaries(
    st.sampled_from(["instances", "inputs", "signature_name", "other"]),
    VALUES | st.text(max_size=5), max_size=3,
)


def asked(body, inputs):
    """The arrays of a REST body, or None where it is refused."""
    try:
        tensors = json_request.Request(body).tensors(inputs)
        Signature(inputs, {}, "").check(tensors, MOST)
    except ServingError as error:
        assert (error.code, error.http) == ("INVALID_ARGUMENT", 400)
        assert error.message and len(error.message) < 2000
        return None
    return tensors


@FUZZ
@given(st.binary(max_size=60), INPUTS)
@example(b"[" * 100_000, ONE)
@example(b'{"a":' * 100_000, ONE)
@example(b'{"instances": [[' + b"9" * 5000 + b", 0]]}", ONE)
@example(b'{"instances": [[1e999, 0]]}', ONE)
@example(b'{"instances": [["\\ud800", 0]]}', ONE)
@example(b'{"inputs": {"word": ["\\ud800"]}}', {"word": SEVERAL["word"]})
def test_any_bytes(body, inputs):
    asked(body, inputs)


@FUZZ
@given(DOCUMENTS, INPUTS)
def test_any_json(document, inputs):
    asked(json.dumps(document).encode(), inputs)


@FUZZ
@given(DOCUMENTS.map(json.dumps), st.data())
def test_damaged_json(text, data):
    place = data.draw(st.integers(0, len(text)))
    insert = data.draw(st.binary(max_size=3))
    body = text[:place].encode() + insert + text[place + 1:].encode()
    asked(body, SEVERAL)


@st.composite
def tensors(draw):
    """Arrays that fit SEVERAL."""
    rows = draw(st.integers(1, 5))
    made = {
        name: draw(arrays.arrays(
            spec.dtype,
            (rows, *(size or 2 for size in spec.shape[1:])),
            elements=FLOATS if name == "scale" else None,
        )) for name, spec in SEVERAL.items() if name != "word"
    }
    words = draw(st.lists(st.text(max_size=9), min_size=rows, max_size=rows))
    word = np.empty(rows, object)
    word[:] = [w.encode() for w in words]
    return made | {"word": word}


@FUZZ
@given(tensors(), st.booleans())
def test_arrays_come_back_from_json(wanted, row):
    key = "instances" if row else "inputs"
    answered = json.loads(json_response.encode(wanted, row))
    found = asked(json.dumps({
        key: answered["predictions" if row else "outputs"]
    }).encode(), SEVERAL)
    # Some NaN differ in bits that JSON does not have.
    assert all(np.array_equal(
        found[k], wanted[k], equal_nan=wanted[k].dtype.kind == "f"
    ) for k in wanted)
    assert all(found[k].dtype == wanted[k].dtype for k in wanted)


@st.composite
def tensor_protos(draw):
    """TensorProto messages by name for SEVERAL, one of them damaged."""
    import tensorflow as tf

    protos = {k: tf.make_tensor_proto(v) for k, v in draw(tensors()).items()}
    proto = protos[draw(st.sampled_from(sorted(SEVERAL)))]
    size = st.one_of(
        st.integers(0, 9), st.sampled_from([-1, 2**31, 2**62, 2**63 - 1])
    )
    damage = draw(st.sampled_from([
        "none", "dtype", "rank", "size", "dimension", "content", "values"
    ]))
    if damage == "dtype":
        proto.dtype = draw(st.integers(0, 200))
    elif damage == "rank":
        proto.tensor_shape.unknown_rank = True
    elif damage == "size":
        proto.tensor_shape.dim[0].size = draw(size)
    elif damage == "dimension":
        proto.tensor_shape.dim.add(size=draw(size))
    elif damage == "content":
        proto.tensor_content = draw(st.binary(max_size=40))
    elif damage == "values":
        proto.tensor_content = b""
        proto.float_val.extend(draw(st.lists(st.floats(width=32))))
        proto.int64_val.extend(draw(st.lists(st.integers(-2**63, 2**63 - 1))))
        proto.int_val.extend(draw(st.lists(st.integers(-2**31, 2**31 - 1))))
        proto.bool_val.extend(draw(st.lists(st.booleans())))
        proto.string_val.extend(draw(st.lists(st.binary(max_size=4))))
    return protos, damage


@FUZZ
@given(tensor_protos())
def test_any_tensor_protos(given):
    from keras_gen.serving import tensor_protos as decoding

    protos, damage = given
    try:
        found = decoding.arrays(protos, SEVERAL, 2**20)
        Signature(SEVERAL, {}, "").check(found, MOST)
    except ServingError as error:
        assert error.code in ("INVALID_ARGUMENT", "RESOURCE_EXHAUSTED")
        assert damage != "none"
        return
    for name, array in found.items():
        assert array.dtype == SEVERAL[name].dtype
        assert array.nbytes <= 2**20

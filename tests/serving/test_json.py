"""JSON to arrays and back, without a server."""

import json
import math

import numpy as np
import pytest

from keras_gen.serving import json_request, json_response
from keras_gen.serving.errors import ServingError
from keras_gen.serving.signatures import STRING, Spec

SEED = {"seed": Spec(np.dtype("int64"), (None,))}
LATENT = {"latent": Spec(np.dtype("float32"), (None, 2))}
BOTH = SEED | LATENT
IMAGE = {"image_bytes": Spec(STRING, (None,))}


def tensors(specs, **body):
    request = json_request.Request(json.dumps(body).encode())
    return request.tensors(specs)


def refused(inputs, body):
    """The message that a body, bytes or not, is refused with."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ServingError) as caught:
        json_request.Request(body).tensors(inputs)
    assert caught.value.code == "INVALID_ARGUMENT" and caught.value.http == 400
    return caught.value.message


def same(found, expected):
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype, name
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("body", [
    {"instances": [{"seed": 1, "latent": [1, 2.5]},
                   {"latent": [3, 4], "seed": -2}]},
    {"inputs": {"latent": [[1, 2.5], [3, 4]], "seed": [1, -2]}},
])
def test_rows_and_columns(body):
    same(tensors(BOTH, **body), {
        "seed": np.array([1, -2]),
        "latent": np.array([[1, 2.5], [3, 4]], "float32"),
    })


@pytest.mark.parametrize("body, shape", [
    ({"instances": [5, 5]}, (2,)),
    ({"instances": [{"seed": 5}]}, (1,)),
    ({"inputs": [5]}, (1,)),
    ({"inputs": {"seed": [[5, 5]]}}, (1, 2)),
    ({"inputs": 5}, ()),
    ({"inputs": []}, (0,)),
    ({"inputs": [[], []]}, (2, 0)),
])
def test_one_input_needs_no_name(body, shape):
    same(tensors(SEED, **body), {"seed": np.full(shape, 5)})


def test_the_name_of_the_signature():
    assert json_request.Request(b"{}").signature_name == "serving_default"
    named = json_request.Request(b'{"signature_name": "a", "inputs": 1}')
    assert named.signature_name == "a" and not named.row
    assert json_request.Request(b'\xef\xbb\xbf{"instances": []}').row


def test_base64():
    data = bytes(range(256))
    for text in ("AQID", "AQ ID\n", "AQIDBA==", "AQIDBA"):
        found = tensors(IMAGE, instances=[{"b64": text}, "é"])
        expected = b"\x01\x02\x03" + b"\x04" * text.startswith("AQIDB")
        assert found["image_bytes"].tolist() == [expected, "é".encode()]
    body = json_response.encode({"a_bytes": np.array([data], object)}, True)
    sent = {"instances": json.loads(body)["predictions"]}
    assert tensors(IMAGE, **sent)["image_bytes"].tolist() == [data]
    for bad in ("A", "AQ=", "AQI===", "A*ID", "é", "=AQI"):
        message = refused(IMAGE, {"instances": [{"b64": bad}]})
        assert "base64 decode" in message, bad
    for bad in ({"b64": 1}, {"b64": "AQID", "x": 1}, {"x": "AQID"}):
        assert "base64" in refused(IMAGE, {"inputs": {"image_bytes": [bad]}})


@pytest.mark.parametrize("body, words", [
    (b"", "JSON Parse error: The document is empty"),
    (b'{"instances": [1', "JSON Parse error: "),
    (b"\xff\xfe{}", "JSON Parse error: not UTF-8"),
    (b'{"inputs": [1e999]}', "JSON Parse error: number too big"),
    (b'{"inputs": [' + b"1" * 5000 + b"]}", "JSON Parse error: "),
    (b'{"inputs": ' + b"[" * 100_000, "JSON Parse error: "),
    (b'{"inputs": ' + b"[" * 100 + b"]" * 100 + b"}", "more than 32"),
    (b"[1]", "Is not object"),
    ({}, "Missing 'inputs' or 'instances' key"),
    ({"instances": [1], "inputs": [1]}, "only one of"),
    ({"instances": []}, "No values in 'instances' array"),
    ({"instances": 1}, "to be a list"),
    ({"instances": {"seed": 1}}, "to be a list"),
    ({"instances": [1], "signature_name": 5}, "must be a string"),
    ({"instances": [{"seed": 1}, 2]}, "Expecting object but got"),
    ({"instances": [{"seed": 1}, {"sed": 2}]}, "element: 1 of 'instances'"),
    ({"instances": [{"seed": 1, "x": 2}]}, "keys must be equal to: seed"),
    ({"inputs": {"sed": [1]}}, "Missing named input: seed"),
    ({"inputs": {"seed": [1], "x": 1}}, 'has "x", which is no input'),
    ({"instances": [[1, 2], [3]]}, "unexpected sizes: 1 and 2"),
    ({"instances": [[1], 2]}, "JSON Value: 2 found at incorrect level"),
    ({"instances": [1.0]}, "1.0 Type: Number is not of expected type: int64"),
    ({"instances": [True]}, "Type: Boolean is not of expected type"),
    ({"instances": [None]}, "Type: Null is not of expected type"),
    ({"instances": ["1"]}, '"1" Type: String is not of expected type'),
    ({"instances": [{"b64": "AQ"}]}, "Type: Object is not of expected"),
    ({"instances": [2**63]}, "ends at -9223372036854775808"),
    ({"instances": [-2**63 - 1]}, "ends at -9223372036854775808"),
])
def test_what_is_refused(body, words):
    assert words in refused(SEED, body)


def test_several_inputs_need_names():
    assert "expecting list of objects" in refused(BOTH, {"instances": [1]})
    assert "expecting an object" in refused(BOTH, {"inputs": [1]})


def test_a_message_is_short_whatever_the_value():
    deep = b"[" * 900 + b"1" + b"]" * 900
    for value in (b'"' + b"x" * 10**6 + b'"', b"9" * 4000, deep,
                  b"[" + b"1," * 10**5 + b"1]", b'{"a":' * 500 + b"1"
                  + b"}" * 500):
        message = refused(LATENT, b'{"inputs": [' + value + b', "x"]}')
        assert len(message) < 300


@pytest.mark.parametrize("dtype, good, bad", [
    ("uint8", [0, 255], [-1, 256]),
    ("int8", [-128, 127], [-129, 128]),
    ("int32", [-2**31, 2**31 - 1], [2**31, -2**31 - 1]),
    ("uint64", [0, 2**64 - 1], [-1, 2**64]),
])
def test_integers_are_never_wrapped(dtype, good, bad):
    inputs = {"x": Spec(np.dtype(dtype), (None,))}
    same(tensors(inputs, inputs=good), {"x": np.array(good, dtype)})
    for value in bad:
        assert "is not of expected type" in refused(inputs, {"inputs": value})


def test_floats():
    found = tensors(
        LATENT, inputs=[3, -0.1, math.nan, math.inf, -math.inf, 2**24 - 1]
    )["latent"]
    expected = np.array(
        [3, -0.1, np.nan, np.inf, -np.inf, 2**24 - 1], "float32"
    )
    np.testing.assert_array_equal(found, expected)
    for value in (2**24 + 1, -2**24 - 1, 10**400, 1e39, -1e39):
        message = refused(LATENT, {"inputs": [0.5, value]})
        assert "without loss of precision" in message
    assert "Boolean is not" in refused(LATENT, {"inputs": [True]})
    double = {"x": Spec(np.dtype("float64"), (None,))}
    same(tensors(double, inputs=[2**53 - 1]), {"x": np.array([2.**53 - 1])})
    assert "loss" in refused(double, {"inputs": [2**53 + 1]})
    half = {"x": Spec(np.dtype("float16"), (None,))}
    assert "over gRPC" in refused(half, {"inputs": [1.0]})


def test_booleans():
    inputs = {"x": Spec(np.dtype("bool"), (None,))}
    same(tensors(inputs, inputs=[True, False]), {"x": np.array([True, False])})
    assert "is not of expected type: bool" in refused(inputs, {"inputs": [1]})


def test_float32_reads_back_as_it_was():
    bits = np.random.default_rng(0).integers(0, 2**32, 10_000, np.uint32)
    values = bits.view("float32").reshape(10, 10, 100)
    body = json_response.encode({"y": values}, row=True)
    assert b"null" not in body and b"NaN" in body
    found = np.array(json.loads(body)["predictions"]).astype("float32")
    np.testing.assert_array_equal(found, values)
    # As short as the number allows, not as a double would be written.
    assert json_response.encode({"y": np.float32([0.1])}, True) == (
        b'{"predictions":[0.1]}'
    )
    odd = np.array([np.nan, np.inf, -np.inf, 1], "float64")
    assert json_response.encode({"y": odd}, row=False) == (
        b'{"outputs":[NaN,Infinity,-Infinity,1.0]}'
    )


def test_one_output_has_no_name():
    y, n = np.array([[1, 2], [3, 4]], "uint8"), np.array([True, False])
    for outputs, row, expected in [
        ({"y": y}, True, {"predictions": [[1, 2], [3, 4]]}),
        ({"y": y}, False, {"outputs": [[1, 2], [3, 4]]}),
        ({"y": y, "n": n}, True, {"predictions": [
            {"y": [1, 2], "n": True}, {"y": [3, 4], "n": False}]}),
        ({"y": y, "n": n}, False, {"outputs": {
            "y": [[1, 2], [3, 4]], "n": [True, False]}}),
        ({"y": np.float32(7)}, False, {"outputs": 7.0}),
        ({"y": y[:0]}, False, {"outputs": []}),
        ({"s": np.array([b"a", b"b"], object), "n": n}, True, {
            "predictions": [{"s": "a", "n": True}, {"s": "b", "n": False}]}),
        ({"s": np.array(b"a", object)}, False, {"outputs": "a"}),
    ]:
        assert json.loads(json_response.encode(outputs, row)) == expected


@pytest.mark.parametrize("outputs, words", [
    ({}, "empty tensor map"),
    ({"y": np.float32(1)}, "no common number of rows"),
    ({"y": np.zeros(2), "z": np.zeros(3)}, "no common number of rows"),
    ({"y": np.array([b"\xff"], object)}, "ends in _bytes"),
    ({"y": np.zeros(2, "complex64")}, "tensor type: complex64"),
])
def test_outputs_that_json_cannot_hold(outputs, words):
    with pytest.raises(ServingError, match=words) as caught:
        json_response.encode(outputs, row=True)
    assert caught.value.http == 400

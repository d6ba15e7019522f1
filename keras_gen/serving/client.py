"""Pictures from TensorFlow Serving, or from `keras-gen serve`, over REST.

It needs nothing but Python: copy what you need.

    from keras_gen.serving import client
    rows = [{"seed": 7, "truncation": 10.0}]
    png, = client.predict(
        "http://127.0.0.1:8501", "dcgan_celeba", "sample_png", rows
    )
    open("face.png", "wb").write(png)

The same over gRPC, with `pip install tensorflow-serving-api`:

    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2
    from tensorflow_serving.apis import prediction_service_pb2_grpc as service

    request = predict_pb2.PredictRequest()
    request.model_spec.name = "dcgan_celeba"
    request.model_spec.signature_name = "sample_png"
    for name, rows, dtype in [
        ("seed", [7, 8], tf.int64), ("truncation", [10, 10], tf.float32)
    ]:
        request.inputs[name].CopyFrom(tf.make_tensor_proto(rows, dtype))
    with grpc.insecure_channel("127.0.0.1:8500") as channel:
        stub = service.PredictionServiceStub(channel)
        answer = stub.Predict(request, timeout=60)
    pngs = tf.make_ndarray(answer.outputs["image_bytes"])
"""

import base64
import json
import urllib.request


def predict(url, model, signature, rows, timeout=60):
    """What a signature with one output answers.

    Args:
        url: of the server, "http://127.0.0.1:8501".
        model: name, or "name/versions/2", or "name/labels/stable".
        signature: "sample_png" or "translate_png", which answer with PNG
            files, or "sample".
        rows: a dict for each item: {"seed": 7}, {"seed": 7, "label": 3} or
            {"image_bytes": encoded(bytes of a file)}.
        timeout: seconds.

    Returns:
        A list with bytes for each row, or of "sample" lists of numbers.
    """
    request = urllib.request.Request(
        f"{url}/v1/models/{model}:predict",
        json.dumps({"signature_name": signature, "instances": rows}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        rows = json.load(answer)["predictions"]
    return [
        base64.b64decode(row["b64"]) if isinstance(row, dict) else row
        for row in rows
    ]


def encoded(content):
    """Bytes as they go into a row."""
    return {"b64": base64.b64encode(content).decode()}


def signatures(url, model, timeout=60):
    """What the model serves: {signature: (names of its inputs, and of its
    outputs)}."""
    address = f"{url}/v1/models/{model}/metadata"
    with urllib.request.urlopen(address, timeout=timeout) as answer:
        found = json.load(answer)["metadata"]["signature_def"]
    return {
        name: (sorted(signature["inputs"]), sorted(signature["outputs"]))
        for name, signature in found["signature_def"].items()
        if signature.get("inputs")
    }

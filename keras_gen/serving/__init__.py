"""A local server with TensorFlow Serving's protocol: REST and gRPC.

`server.Server` is the way in, `keras-gen serve` the command. For laptops,
tests and demos; in production TensorFlow Serving takes the same folder.
Needs the extra `keras_gen[serving]`; nothing else of keras_gen imports it.

Imports go one way: `errors <- signatures <- json_request, tensor_protos`;
`batching <- servable <- manager, cache <- service <- rest, grpc_services,
health`, all of these `<- server`.
The protocol: https://www.tensorflow.org/tfx/serving/api_rest
"""

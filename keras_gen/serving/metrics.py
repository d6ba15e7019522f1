"""TensorFlow Serving's Prometheus metrics, by their names there.

https://www.tensorflow.org/tfx/serving/serving_config#monitoring_configuration
"""

import prometheus_client

# Microseconds, as TensorFlow Serving has them: up to about 20 minutes.
_BUCKETS = [10 * 1.8**i for i in range(32)]
_COUNTERS = (
    ":tensorflow:serving:request_count",
    ":tensorflow:cc:saved_model:load_attempt_count",
    ":tensorflow:cc:saved_model:load_latency",
    ":tensorflow:core:graph_runs",
    # Not TensorFlow Serving's, which keeps no answers.
    ":keras_gen:serving:cache_hit_count",
    ":keras_gen:serving:cache_miss_count",
)


class Metrics:
    """The metrics of one server, in a registry of its own.

    Args:
        cache: `Cache`.
    """

    def __init__(self, cache):
        # Else each metric has a second one with its time of creation.
        prometheus_client.disable_created_metrics()
        self._registry = prometheus_client.CollectorRegistry()
        count, attempts, load, runs, hits, misses = _COUNTERS
        self._requests = self._counter(
            count, "The total number of requests.", "model_name", "status"
        )
        self._attempts = self._counter(
            attempts, "SavedModels loaded, or tried to.", "model_path",
            "status",
        )
        self._load = self._counter(
            load, "Microseconds of loading SavedModels.", "model_path"
        )
        self._runs = self._counter(runs, "Calls of a signature.")
        self._hits = self._counter(
            hits, "Requests answered as an equal one was.", "model_name"
        )
        self._misses = self._counter(
            misses, "Requests unlike those whose answers are kept.",
            "model_name",
        )
        prometheus_client.Gauge(
            ":keras_gen:serving:cache_bytes", "What kept answers take.",
            registry=self._registry,
        ).set_function(lambda: cache.bytes)
        self._request_latency = self._histogram(
            ":tensorflow:serving:request_latency", "a request", "API",
            "entrypoint",
        )
        self._runtime_latency = self._histogram(
            ":tensorflow:serving:runtime_latency", "the TensorFlow runtime",
            "API", "runtime",
        )

    def loaded(self, path, servable):
        """Counts a SavedModel that was loaded, or None that was not."""
        status = "success" if servable else "fail"
        self._attempts.labels(str(path), status).inc()
        if servable:
            self._load.labels(str(path)).inc(1e6 * servable.seconds)

    def ran(self, name, seconds):
        """Counts a call of a signature of the model `name`."""
        self._runs.inc()
        self._runtime_latency.labels(name, "Predict", "TF2").observe(
            1e6 * seconds
        )

    def looked_up(self, name, known):
        """Counts an answer that was there already, or was not, for the model
        `name`."""
        (self._hits if known else self._misses).labels(name).inc()

    def answered(self, name, entrypoint, code, seconds):
        """Counts an answer, code a canonical one, entrypoint REST or GRPC."""
        self._requests.labels(name, code).inc()
        if code == "OK":
            self._request_latency.labels(name, "Predict", entrypoint).observe(
                1e6 * seconds
            )

    def page(self):
        """Bytes in Prometheus' text format."""
        text = prometheus_client.generate_latest(self._registry)
        for name in _COUNTERS:
            # TensorFlow Serving's counters have no such ending.
            text = text.replace(f"{name}_total".encode(), name.encode())
        return text

    def _counter(self, name, text, *labels):
        return prometheus_client.Counter(
            name, text, labels, registry=self._registry
        )

    def _histogram(self, name, of, *labels):
        return prometheus_client.Histogram(
            name, f"Distribution of microseconds of {of}.",
            ("model_name", *labels), registry=self._registry,
            buckets=_BUCKETS,
        )

"""What one server takes on at once."""

import dataclasses

from keras_gen.serving.batching import Parameters


@dataclasses.dataclass(frozen=True)
class Limits:
    """Bounds on memory and time.

    Attributes:
        batching: `Parameters`; its max_batch_size bounds a request's rows
            even without batching.
        enable_batching: whether requests share batches.
        max_body_bytes: of one request.
        max_cache_bytes: of answers that are kept for equal requests; 0 for
            none.
        max_concurrent_requests: predictions under way; more are refused.
        body_seconds: in which the body of a REST request must have come.
        grace_seconds: that requests under way have when the server stops.
    """

    batching: Parameters = Parameters()
    enable_batching: bool = True
    max_body_bytes: int = 16 * 2**20
    max_cache_bytes: int = 64 * 2**20
    max_concurrent_requests: int = 64
    body_seconds: float = 30
    grace_seconds: float = 30

"""The one error that every layer raises and both protocols answer with."""

# The canonical codes: their number, and the HTTP status that TensorFlow
# Serving answers with.
CODES = {
    "OK": (0, 200),
    "CANCELLED": (1, 499),
    "UNKNOWN": (2, 500),
    "INVALID_ARGUMENT": (3, 400),
    "DEADLINE_EXCEEDED": (4, 504),
    "NOT_FOUND": (5, 404),
    "ALREADY_EXISTS": (6, 409),
    "PERMISSION_DENIED": (7, 403),
    "RESOURCE_EXHAUSTED": (8, 429),
    "FAILED_PRECONDITION": (9, 400),
    "ABORTED": (10, 409),
    "OUT_OF_RANGE": (11, 400),
    "UNIMPLEMENTED": (12, 501),
    "INTERNAL": (13, 500),
    "UNAVAILABLE": (14, 503),
    "DATA_LOSS": (15, 500),
    "UNAUTHENTICATED": (16, 401),
}
# What a client learns of a mistake of ours.
INTERNAL = "internal error: see the server's log"
_NAMES = {number: name for name, (number, _) in CODES.items()}


class ServingError(Exception):
    """A request, or a version of a model, that cannot be served.

    Attributes:
        code: a canonical code, a key of `CODES`.
        message: what was wrong and what was expected, such that both
            protocols can carry it.
        number: of the code.
        http: the HTTP status.
    """

    def __init__(self, code, message, http=None):
        # What clients send may be quoted: half a character, or megabytes.
        message = message[:2000].encode(errors="replace").decode()
        super().__init__(message)
        self.code, self.message = code, message
        self.number, status = CODES[code]
        self.http = http or status


def invalid(message):
    """What a request that is wrong in itself is answered with."""
    return ServingError("INVALID_ARGUMENT", message)


def of_tensorflow(error):
    """A `tf.errors.OpError` as a `ServingError`: the first line of what the
    failed op says, without the names of nodes."""
    first = error.message.split("\n")[0]
    text = first.split("}} ")[-1].split(" [Op:")[0].strip()
    return ServingError(_NAMES.get(error.error_code, "UNKNOWN"), text)

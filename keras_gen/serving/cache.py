"""Answers that are kept for requests that are equal to the last bit."""

import collections
import concurrent.futures
import hashlib
import threading

# What an answer takes beside its outputs, about.
_OVERHEAD = 1000


class Cache:
    """Outputs by version, signature and inputs. What was asked for least
    recently goes where they have more than `most` bytes.

    Where threads ask for the same at the same time, one of them computes it
    and the others wait. Errors are not kept.

    Args:
        most: bytes, above 0.
    """

    def __init__(self, most):
        self.most, self.bytes = most, 0
        self._lock = threading.Lock()
        self._kept = collections.OrderedDict()
        self._under_way, self._dropped = {}, set()

    def answer(self, servable, signature_name, tensors, compute):
        """The outputs of a signature whose outputs follow from its inputs.

        Args:
            servable: `Servable`.
            signature_name: of one of its signatures.
            tensors: the inputs, arrays by name; bytes in object arrays.
            compute: returns the outputs, arrays by name, or raises.

        Returns:
            (outputs, whether they were there or on their way already). The
            arrays can only be read.
        """
        key = servable.serial, signature_name, _digest(tensors)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key], True
            future, first = self._under_way.get(key), False
            if future is None:
                future = self._under_way[key] = concurrent.futures.Future()
                first = True
        if not first:
            return future.result(), True
        try:
            outputs = compute()
            for array in outputs.values():
                array.setflags(write=False)
        except BaseException as error:
            # Who waits asked for the same, and would be refused likewise.
            with self._lock:
                del self._under_way[key]
            future.set_exception(error)
            raise
        with self._lock:
            del self._under_way[key]
            self._keep(key, outputs)
        future.set_result(outputs)
        return outputs, False

    def drop(self, servable):
        """Forgets a version; what of it is under way is not kept."""
        with self._lock:
            self._dropped.add(servable.serial)
            for key in [k for k in self._kept if k[0] == servable.serial]:
                self.bytes -= _size(self._kept.pop(key))

    def _keep(self, key, outputs):
        size = _size(outputs)
        if size > self.most or key[0] in self._dropped:
            return
        self._kept[key] = outputs
        self.bytes += size
        while self.bytes > self.most:
            _, oldest = self._kept.popitem(last=False)
            self.bytes -= _size(oldest)


def _digest(tensors):
    """SHA-256 of names, dtypes, shapes and values: of the same length for
    large pictures, and nobody can find two inputs that share one."""
    found = hashlib.sha256()
    for name in sorted(tensors):
        array = tensors[name]
        found.update(repr((name, array.dtype.str, array.shape)).encode())
        if array.dtype.kind != "O":
            found.update(array.tobytes())
            continue
        for value in array.flat:
            found.update(len(value).to_bytes(8, "little"))
            found.update(value)
    return found.digest()


def _size(outputs):
    """Bytes that an answer takes, about."""
    return _OVERHEAD + sum(
        array.nbytes
        + (sum(map(len, array.flat)) if array.dtype.kind == "O" else 0)
        for array in outputs.values()
    )

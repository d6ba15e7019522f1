"""Runs SavedModels by TensorFlow's C library alone, as a server in C++ does.

    python c_library.py REQUESTS ANSWERS

A process of its own: it imports neither Keras nor TensorFlow's Python. Both
files are pickles, between a test and its own process. REQUESTS is a list of
`(folder, calls)`, one for each SavedModel; a call is `(feeds, fetches)`:
`{tensor's name: array}` and names of tensors. ANSWERS is a dict: "answers", a
list for each SavedModel of what came of each call, arrays in the fetches'
order (object arrays of bytes for strings) or the library's error as text, and
"modules", the names of all that was imported.
"""

import ctypes as c
import pathlib
import pickle
import sys

import numpy as np

# TF_DataType of the C interface.
STRING = 7
DTYPES = {1: "float32", 3: "int32", 4: "uint8", 9: "int64"}
NUMBERS = {name: number for number, name in DTYPES.items()}

RESULTS = {
    c.c_void_p: "NewStatus NewGraph NewSessionOptions AllocateTensor "
    "LoadSessionFromSavedModel GraphOperationByName TensorData",
    c.c_char_p: "Message",
    c.c_int: "GetCode NumDims TensorType",
    c.c_int64: "Dim",
    c.c_size_t: "TensorByteSize StringGetSize",
    c.POINTER(c.c_char): "StringGetDataPointer",
}


class Output(c.Structure):
    """TF_Output."""

    _fields_ = [("operation", c.c_void_p), ("index", c.c_int)]


class TString(c.Structure):
    """TF_TString, 24 bytes which only the library looks into."""

    _fields_ = [("raw", c.c_char * 24)]


def library():
    """libtensorflow, which comes with the wheel."""
    folder = next(
        folder for folder in (pathlib.Path(p, "tensorflow") for p in sys.path)
        if (folder / "libtensorflow_cc.so.2").exists()
    )
    for part in ("libtensorflow_framework.so.2", "libtensorflow_cc.so.2"):
        loaded = c.CDLL(str(folder / part), c.RTLD_GLOBAL)
    for result, names in RESULTS.items():
        for name in names.split():
            getattr(loaded, f"TF_{name}").restype = result
    return loaded


class Session:
    """A SavedModel loaded by the C library.

    Raises:
        RuntimeError: the library's code and message, here and in `run`.
    """

    def __init__(self, library, folder):
        self.tf = library
        self.status = c.c_void_p(library.TF_NewStatus())
        self.graph = c.c_void_p(library.TF_NewGraph())
        self.session = c.c_void_p(library.TF_LoadSessionFromSavedModel(
            c.c_void_p(library.TF_NewSessionOptions()), None,
            str(folder).encode(), (c.c_char_p * 1)(b"serve"), 1, self.graph,
            None, self.status,
        ))
        self._check()

    def run(self, feeds, fetches):
        """Arrays of the tensors `fetches` for `{tensor's name: array}`."""
        outputs = (c.c_void_p * len(fetches))()
        self.tf.TF_SessionRun(
            self.session, None,
            self._ends(feeds), self._tensors(feeds.values()), len(feeds),
            self._ends(fetches), outputs, len(fetches),
            None, 0, None, self.status,
        )
        self._check()
        return [self._array(c.c_void_p(o)) for o in outputs]

    def _check(self):
        code = self.tf.TF_GetCode(self.status)
        if code:
            message = self.tf.TF_Message(self.status).decode()
            raise RuntimeError(f"code {code}: {message}")

    def _ends(self, names):
        ends = []
        for name in names:
            operation, _, index = name.partition(":")
            found = self.tf.TF_GraphOperationByName(
                self.graph, operation.encode()
            )
            ends.append(Output(found, int(index)))
        return (Output * len(ends))(*ends)

    def _tensors(self, arrays):
        return (c.c_void_p * len(arrays))(*map(self._tensor, arrays))

    def _tensor(self, array):
        text = array.dtype == object
        size = c.sizeof(TString) * array.size if text else array.nbytes
        tensor = self.tf.TF_AllocateTensor(
            STRING if text else NUMBERS[array.dtype.name],
            (c.c_int64 * array.ndim)(*array.shape), array.ndim,
            c.c_size_t(size),
        )
        data = self.tf.TF_TensorData(c.c_void_p(tensor))
        if text:
            strings = (TString * array.size).from_address(data)
            for string, value in zip(strings, array.ravel()):
                self.tf.TF_StringInit(c.byref(string))
                self.tf.TF_StringCopy(
                    c.byref(string), value, c.c_size_t(len(value))
                )
        else:
            c.memmove(data, np.ascontiguousarray(array).ctypes.data, size)
        return tensor

    def _array(self, tensor):
        shape = [
            self.tf.TF_Dim(tensor, i)
            for i in range(self.tf.TF_NumDims(tensor))
        ]
        data = self.tf.TF_TensorData(tensor)
        kind = self.tf.TF_TensorType(tensor)
        if kind == STRING:
            strings = (TString * int(np.prod(shape))).from_address(data)
            values = np.array([self._bytes(s) for s in strings], object)
            return values.reshape(shape)
        contents = c.string_at(data, self.tf.TF_TensorByteSize(tensor))
        return np.frombuffer(contents, DTYPES[kind]).reshape(shape)

    def _bytes(self, string):
        size = self.tf.TF_StringGetSize(c.byref(string))
        return self.tf.TF_StringGetDataPointer(c.byref(string))[:size]


def main(requests, answers):
    loaded = library()
    found = []
    for folder, calls in pickle.loads(pathlib.Path(requests).read_bytes()):
        session = Session(loaded, folder)
        found.append([answer(session, *call) for call in calls])
    pathlib.Path(answers).write_bytes(pickle.dumps(
        {"answers": found, "modules": sorted(sys.modules)}
    ))


def answer(session, feeds, fetches):
    """Arrays, or the error as text."""
    try:
        return session.run(feeds, fetches)
    except RuntimeError as error:
        return str(error)


if __name__ == "__main__":
    main(*sys.argv[1:])

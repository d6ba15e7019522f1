"""TensorBoard's event files, without TensorFlow and without its thread, in
which the end of the disk would be met by nobody."""

import io
import itertools
import os
import platform
import time
from pathlib import Path

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.text import metadata
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

# Files that begin in the same second have names of their own.
_NUMBER = itertools.count()
_SECONDS = 10


class EventFile:
    """A new event file in a folder that TensorBoard reads.

    Args:
        folder: where to; made when it is not there.
        step: the last one that counts. TensorBoard forgets what earlier
            files have after it: a run that was killed makes those steps
            again.
    """

    def __init__(self, folder, step=0):
        Path(folder).mkdir(parents=True, exist_ok=True)
        name = f"{time.time():010.0f}.{platform.node()}.{os.getpid()}"
        path = Path(folder, f"events.out.tfevents.{name}.{next(_NUMBER)}")
        self._writer = RecordWriter(open(path, "xb"))
        self._flushed = time.monotonic()
        self._write(file_version="brain.Event:2")
        start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._write(step=step + 1, session_log=start)
        self._writer.flush()

    def scalar(self, name, value, step):
        """A point of a curve."""
        self._add(step, tag=name, simple_value=value)

    def image(self, name, image, step):
        """A `PIL.Image.Image`."""
        png = io.BytesIO()
        image.save(png, "PNG")
        self._add(step, tag=name, image=summary_pb2.Summary.Image(
            height=image.height, width=image.width,
            colorspace=len(image.getbands()),
            encoded_image_string=png.getvalue(),
        ))

    def text(self, name, text, step):
        """A text in Markdown."""
        self._add(
            step, tag=name,
            metadata=metadata.create_summary_metadata(None, None),
            tensor=tensor_util.make_tensor_proto([text], dtype=np.object_),
        )

    def close(self):
        """Writes what is still in memory."""
        self._writer.close()

    def _add(self, step, **value):
        summary = summary_pb2.Summary(
            value=[summary_pb2.Summary.Value(**value)]
        )
        self._write(step=step, summary=summary)

    def _write(self, **what):
        event = event_pb2.Event(wall_time=time.time(), **what)
        self._writer.write(event.SerializeToString())
        if time.monotonic() - self._flushed > _SECONDS:
            self._flushed = time.monotonic()
            self._writer.flush()

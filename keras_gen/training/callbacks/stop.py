"""Stopping after the step under way."""

import contextlib
import os
import signal
import threading

import keras


class StopOnFlag(keras.callbacks.Callback):
    """Ends training after the step under way once `stop()` is true.

    Args:
        stop: function without arguments, asked after every step.
    """

    def __init__(self, stop):
        super().__init__()
        self.stop = stop

    def on_train_batch_end(self, batch, logs=None):
        if self.stop():
            self.model.stop_training = True


@contextlib.contextmanager
def stop_signals():
    """An event that the first Ctrl-C or SIGTERM sets; a second Ctrl-C
    interrupts at once."""
    stop = threading.Event()

    def handler(number, frame):
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        # `print` fails when the signal comes in the middle of another one.
        os.write(1, b"\nstopping after this step ...\n")

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {
        s: signal.signal(s, handler) for s in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, old in before.items():
            signal.signal(number, old)

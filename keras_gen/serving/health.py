"""gRPC's health service, grpc.health.v1: overall and for each model.

https://github.com/grpc/grpc/blob/master/doc/health-checking.md
"""

import threading

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

# An open watch counts as a call under way.
MOST_WATCHES = 64
_Answer = health_pb2.HealthCheckResponse
_STATES = {
    True: _Answer.SERVING, False: _Answer.NOT_SERVING,
    None: _Answer.SERVICE_UNKNOWN,
}


class Health(health_pb2_grpc.HealthServicer):
    """Answers for "", the server as a whole, and for names of models.

    Args:
        service: `Service`, whose `ready` is what is told.
    """

    def __init__(self, service):
        self.service = service
        # A stream sends from whichever thread finds a change, one at a time;
        # a sending ends by gRPC's own thread, which also forgets who has
        # gone: that must wait for none.
        self._sending, self._lock = threading.Lock(), threading.Lock()
        self._watches = {}

    def Check(self, request, context):
        status = self._status(request.service)
        if status == _Answer.SERVICE_UNKNOWN:
            context.abort(
                grpc.StatusCode.NOT_FOUND,
                f"there is no model {request.service[:200]}",
            )
        return _Answer(status=status)

    def Watch(self, request, context, send):
        """Sends the status now, and each other one as it comes."""
        with self._sending:
            with self._lock:
                if len(self._watches) >= MOST_WATCHES:
                    context.abort(
                        grpc.StatusCode.RESOURCE_EXHAUSTED,
                        f"{MOST_WATCHES} watches are open: use Check",
                    )
                status = self._status(request.service)
                self._watches[send] = request.service, status
            send(_Answer(status=status))
        if not context.add_callback(lambda: self._forget(send)):
            self._forget(send)

    # gRPC then gives it `send` and takes its thread back.
    Watch.experimental_non_blocking = True

    def refresh(self):
        """Tells those who watch what has changed."""
        with self._sending:
            for send, name, before in self._open():
                status = self._status(name)
                if status != before:
                    with self._lock:
                        if send in self._watches:
                            self._watches[send] = name, status
                    send(_Answer(status=status))

    def end(self):
        """Ends all watches, which would hold up the server's stop."""
        with self._sending:
            for send, _, _ in self._open():
                send(None)

    def _open(self):
        """(what sends, the name, what was told last) of each watch."""
        with self._lock:
            return [(send, *told) for send, told in self._watches.items()]

    def _forget(self, send):
        with self._lock:
            self._watches.pop(send, None)

    def _status(self, name):
        return _STATES[self.service.ready(name)]

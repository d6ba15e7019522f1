"""gRPC's health service, by the stubs of grpcio-health-checking."""

import contextlib
import queue
import shutil
import threading
import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from keras_gen.serving import health
from serving import tiny

Answer = health_pb2.HealthCheckResponse


@contextlib.contextmanager
def stub(serving):
    with grpc.insecure_channel(serving.grpc_address) as channel:
        yield health_pb2_grpc.HealthStub(channel)


def check(client, name=""):
    request = health_pb2.HealthCheckRequest(service=name)
    return client.Check(request, timeout=30).status


class Watch:
    """What a watch is told, by a thread that listens."""

    def __init__(self, client, name=""):
        request = health_pb2.HealthCheckRequest(service=name)
        self.call, self.told = client.Watch(request), queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        with contextlib.suppress(grpc.RpcError):
            for answer in self.call:
                self.told.put(answer.status)
        self.told.put("end")

    def next(self):
        return self.told.get(timeout=30)


@pytest.fixture
def serving(tmp_path):
    tiny.add(tmp_path / "tiny", 1, tiny.FEW)
    with tiny.start(tmp_path, poll_seconds=0.02) as server:
        yield server


def test_check(serving):
    with stub(serving) as client:
        assert check(client) == Answer.SERVING
        assert check(client, "tiny") == Answer.SERVING
        with pytest.raises(grpc.RpcError) as caught:
            check(client, "no")
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND
        assert "there is no model no" in caught.value.details()


def test_watches_follow_the_folder(serving):
    """A model that comes, breaks and goes, told as it happens."""
    root = serving.service.manager.root
    with stub(serving) as client:
        overall, late = Watch(client), Watch(client, "late")
        assert overall.next() == Answer.SERVING
        assert late.next() == Answer.SERVICE_UNKNOWN
        broken = root / "late" / "1"
        broken.mkdir(parents=True)
        (broken / "saved_model.pb").write_bytes(b"\xff")
        assert late.next() == Answer.NOT_SERVING
        assert overall.next() == Answer.NOT_SERVING
        tiny.add(root / "late", 2, tiny.FEW)
        assert late.next() == Answer.SERVING
        assert overall.next() == Answer.SERVING
        shutil.rmtree(root / "late")
        assert late.next() == Answer.NOT_SERVING
        assert check(client, "late") == Answer.NOT_SERVING
        # What is not in the folder is not missed.
        assert check(client) == Answer.SERVING
        assert overall.told.empty()


def test_a_stop_is_told_and_does_not_wait_for_watches(tmp_path):
    tiny.add(tmp_path / "tiny", 1, tiny.FEW)
    with tiny.start(tmp_path, grace_seconds=60) as serving:
        with stub(serving) as client:
            watch = Watch(client, "tiny")
            assert watch.next() == Answer.SERVING
            start = time.monotonic()
            serving.stop()
            assert watch.next() == Answer.NOT_SERVING
            assert watch.next() == "end"
            assert time.monotonic() - start < 20


def test_watches_hold_no_threads_and_have_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(health, "MOST_WATCHES", 20)
    tiny.add(tmp_path / "tiny", 1, tiny.FEW)
    # 9 threads: 20 watches would have them all.
    with tiny.start(tmp_path, max_concurrent_requests=1) as serving:
        with stub(serving) as client:
            watches = [Watch(client) for _ in range(20)]
            assert [w.next() for w in watches] == [Answer.SERVING] * 20
            assert check(client) == Answer.SERVING
            extra = Watch(client)
            assert extra.next() == "end"
            assert extra.call.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            # One that goes away makes room.
            watches[0].call.cancel()
            tiny.until(
                lambda: Watch(client).next() == Answer.SERVING, "room"
            )


def test_who_leaves_while_something_is_sent_holds_up_nobody(serving):
    """A sending ends by the thread that tells who has left."""
    health = serving.service, serving._health
    for turn in range(20):
        with stub(serving) as client:
            watches = [Watch(client) for _ in range(8)]
            for watch in watches:
                assert watch.next() == Answer.SERVING
            changing = threading.Thread(
                target=flicker, args=(*health, 10), daemon=True
            )
            changing.start()
            for watch in watches:
                watch.call.cancel()
            changing.join(60)
            assert not changing.is_alive()


def flicker(service, health, times):
    """Tells all watches of a change, again and again."""
    for _ in range(times):
        service.stopping = not service.stopping
        health.refresh()
    service.stopping = False
    health.refresh()

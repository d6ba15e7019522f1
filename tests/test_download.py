"""Weights from a host, on a loopback host that does what real ones do."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from weights_host import host as serving

from check import TESTS
from keras_gen import zoo
from keras_gen.errors import InputError
from keras_gen.zoo import download, weights
from waiting import outputs

NAME = "autoencoder_shapes"
FILE = f"{NAME}/encoder.weights.h5"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A home with a recipe and no weights, and an empty cache."""
    (tmp_path / "home/zoo").mkdir(parents=True)
    for ending in ("", ".record"):
        file = zoo.home() / "zoo" / f"{NAME}{ending}.toml"
        shutil.copy(file, tmp_path / "home/zoo")
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download, "_PAUSE", 0.001)
    files = {
        f"{NAME}/{network}.weights.h5":
        zoo.weights_file(NAME, network).read_bytes()
        for network in ("encoder", "decoder")
    }
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path / "home"))
    with serving(files) as server:
        monkeypatch.setenv("KERAS_GEN_WEIGHTS_URL", server.address)
        yield server


def fetched():
    """Fetches the model's weights; their files."""
    return weights.files(zoo.recipe(NAME).values)


def refused():
    """The line with which fetching is refused; nothing is kept."""
    with pytest.raises(InputError) as caught:
        fetched()
    assert "\n" not in str(caught.value)
    assert not kept()
    return str(caught.value)


def kept():
    folder = weights.cached_file("0" * 64).parent
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def contents(server):
    return [path.read_bytes() for path in fetched().values()] == [
        server.files[f"{NAME}/{n}.weights.h5"] for n in ("encoder", "decoder")
    ]


def test_a_model_is_fetched_once_and_then_loads_offline(place, monkeypatch):
    first = zoo.load(NAME)
    assert len(place.asked) == 2
    assert len(kept()) == 2
    assert zoo.load(NAME).name == first.name
    assert len(place.asked) == 2
    monkeypatch.delenv("KERAS_GEN_WEIGHTS_URL")
    files = fetched()
    assert sorted(files) == ["decoder", "encoder"]
    for network, digest in zoo.recipe(NAME)["weights"].items():
        assert zoo.sha256(files[network]) == digest
        assert digest in files[network].name


def test_a_slow_host_shows_progress(place, monkeypatch, capsys):
    place.pause = 0.03
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert contents(place)
    lines = capsys.readouterr().err.replace("\033[K", "").split("\r")
    shown = [line for line in lines if FILE[:9] in line]
    assert len(shown) > 4
    assert shown[2].startswith("[=")
    assert "B/s" in shown[2] and " s left" in shown[2]
    assert "of 0.3 MB" in shown[-1] and f"[{'=' * 20}]" in shown[-1]


def test_elsewhere_than_on_a_terminal_it_is_a_line(place, capsys):
    fetched()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0] == f"fetching {place.address}/{FILE} (0.3 MB)"


def test_a_cut_connection_goes_on_where_it_was(place):
    place.cuts = [100_000, 50_000]
    assert contents(place)
    assert place.asked == [None, "bytes=100000-", "bytes=150000-", None]
    assert place.sent == sum(map(len, place.files.values()))


def test_a_host_without_ranges_starts_again(place):
    place.cuts, place.ranges = [100_000, 50_000], False
    assert contents(place)
    size = sum(map(len, place.files.values()))
    assert place.sent == size + 150_000


def test_a_file_that_changes_meanwhile_is_never_mixed(place):
    """Only the host's `If-Range` keeps the two versions apart."""
    good = place.files[FILE]
    place.files[FILE] = good[:900] + bytes([good[900] ^ 1]) + good[901:]
    place.cuts, place.pause = [100_000], 0.01

    def repair():
        while not place.sent:
            time.sleep(0.001)
        place.files[FILE] = good

    thread = threading.Thread(target=repair)
    thread.start()
    assert contents(place)
    thread.join()
    assert place.asked[:2] == [None, "bytes=100000-"]


def test_a_busy_host_is_asked_again(place):
    place.busy = 3
    assert contents(place)
    assert len(place.asked) == 5


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_stays_cut(place, ranges):
    place.cuts, place.ranges = [70_000] + [0] * 9, ranges
    message = refused()
    assert "cut after 0.1 MB, 5 times in a row" in message
    assert "try again later" in message and place.address in message


def test_a_host_that_falls_silent(place, monkeypatch):
    monkeypatch.setattr(download, "_TIMEOUT", 0.1)
    place.pause = 0.5
    assert "timed out) after 0.0 MB, 5 times in a row" in refused()


def test_damaged_weights_are_refused(place):
    content = bytearray(place.files[FILE])
    content[5000] ^= 1
    place.files[FILE] = bytes(content)
    message = refused()
    digest = zoo.recipe(NAME)["weights"]["encoder"]
    assert f"{place.address}/{FILE} is damaged" in message
    assert f"expected sha256 {digest}, got " in message


def test_a_page_in_the_place_of_weights(place):
    place.files[FILE] = b"<!DOCTYPE html>" + 10 ** 6 * b" "
    place.pause = 0.01
    message = refused()
    assert "no weights but" in message and "<!DOCTYPE html>" in message
    assert place.sent < 10 ** 6


def test_more_than_weights_can_be(place, monkeypatch):
    monkeypatch.setattr(download, "_LIMIT", 200_000)
    place.pause = 0.01
    assert "more than 0.2 MB" in refused()
    assert place.sent < len(place.files[FILE])
    place.announce = False
    assert "more than 0.2 MB" in refused()


def test_a_host_that_does_not_tell_the_length(place):
    place.announce = False
    assert contents(place)


def test_no_such_file(place):
    del place.files[FILE]
    assert f"cannot fetch {place.address}/{FILE}: 404" in refused()


def test_a_host_that_is_away(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv("KERAS_GEN_WEIGHTS_URL", address)
    assert "refused: check KERAS_GEN_WEIGHTS_URL" in refused()


@pytest.mark.parametrize("address", ["ftp://host/x", "host/x", "/etc"])
def test_an_address_that_is_none(address, monkeypatch):
    monkeypatch.setenv("KERAS_GEN_WEIGHTS_URL", address)
    assert "must begin with http://" in refused()


def test_no_address_is_set(monkeypatch):
    monkeypatch.delenv("KERAS_GEN_WEIGHTS_URL")
    assert "set KERAS_GEN_WEIGHTS_URL" in refused()


def test_a_folder_is_an_address_too(place, tmp_path, monkeypatch):
    for path, content in place.files.items():
        (tmp_path / "disk" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "disk" / path).write_bytes(content)
    monkeypatch.setenv("KERAS_GEN_WEIGHTS_URL", f"file://{tmp_path}/disk/")
    assert contents(place) and not place.asked


def test_a_damaged_cache_is_fetched_anew(place, monkeypatch, capsys):
    path = fetched()["encoder"]
    path.write_bytes(b"x" + path.read_bytes()[1:])
    assert contents(place) and len(place.asked) == 3
    assert f"{path} are damaged and deleted" in capsys.readouterr().err
    path.write_bytes(b"")
    monkeypatch.delenv("KERAS_GEN_WEIGHTS_URL")
    with pytest.raises(InputError, match="set KERAS_GEN_WEIGHTS_URL"):
        fetched()
    assert not path.exists()


def test_what_a_killed_process_left_goes(place):
    fetched()
    folder = weights.cached_file("0" * 64).parent
    for days in (0, 2):
        aside = folder / f"{days}.aside"
        aside.write_text("x")
        then = time.time() - days * 24 * 3600 - 60
        os.utime(aside, (then, then))
    next(folder.glob("*.h5")).unlink()
    fetched()
    assert "0.aside" in kept() and "2.aside" not in kept()


def command(*arguments, **options):
    code = "from keras_gen.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)}, **options,
    )


def test_two_processes_at_once_both_succeed(place):
    place.pause = 0.02
    processes = [command("fetch", NAME) for _ in range(2)]
    said = outputs(*processes)
    assert [process.returncode for process in processes] == [0, 0], said
    paths = said[0][0].split()
    assert said[1][0].split() == paths
    assert paths == list(map(str, fetched().values()))
    # Each fetched for itself, whichever was first with a file.
    assert len(place.asked) >= 3
    assert len(kept()) == 2


def test_no_room_is_told_before_the_first_byte(place, monkeypatch):
    free = shutil.disk_usage("/")._replace(free=200_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: free)
    message = refused()
    assert "0.3 MB are needed, 0.2 MB free" in message
    assert "KERAS_GEN_CACHE" in message


def test_a_full_disk_is_one_line(place):
    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10 ** 5, 10 ** 5))

    process = command("fetch", NAME, preexec_fn=small_files)
    line = outputs(process)[0][1].splitlines()[-1]
    assert process.returncode == 2 and not kept()
    assert line.startswith("error: cannot write") and "KERAS_GEN_CACHE" in line

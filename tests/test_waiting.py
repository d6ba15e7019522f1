"""Waits tell a slow process from one that is stuck."""

import subprocess
import sys
import time

import pytest

from waiting import outputs, until


def python(code):
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )


def test_who_works_is_waited_for_beyond_all_patience():
    busy = python(
        "import time\n"
        "while time.process_time() < 2: pass\n"
        "print('done')"
    )
    start = time.monotonic()
    (output, _), = outputs(busy, patience=0.5)
    assert output == "done\n" and busy.returncode == 0
    assert time.monotonic() - start > 1.5


def test_who_waits_for_a_busy_one_is_not_stuck(tmp_path):
    file = str(tmp_path / "done")
    busy = python(
        "import time\n"
        f"while time.process_time() < 2: pass\nopen({file!r}, 'w')"
    )
    waiting = python(
        "import os, time\n"
        f"while not os.path.exists({file!r}): time.sleep(0.4)\n"
        "print('told')"
    )
    assert outputs(busy, waiting, patience=1)[1][0] == "told\n"


def test_who_hangs_is_killed_and_its_words_are_shown():
    hangs = python(
        "import time; print('before', flush=True); time.sleep(1000)"
    )
    with pytest.raises(pytest.fail.Exception) as failure:
        outputs(hangs, patience=2)
    assert "it did nothing for 2 s: it is stuck" in str(failure.value)
    assert "before" in str(failure.value)
    assert hangs.poll() is not None


def test_who_never_ends_is_killed():
    endless = python("while True: pass")
    with pytest.raises(pytest.fail.Exception, match="used 1 s of the proc"):
        outputs(endless, most=1)
    assert endless.poll() is not None


def test_until_it_is_true_or_nobody_is_left(tmp_path):
    file = tmp_path / "x"
    made = python(f"open({str(file)!r}, 'w')")
    until(file.exists, made)
    made.communicate()
    gone = python("print('bye')")
    with pytest.raises(pytest.fail.Exception, match="has ended") as failure:
        until(lambda: False, gone)
    assert "bye" in str(failure.value)

import pytest

from keras_gen.training.callbacks.progress import Progress, clock


@pytest.mark.parametrize("pictures, shown", [
    (1, "1.0 pictures/s"), (19, "19 pictures/s"), (64, "64 pictures/s")
])
def test_a_line_tells_share_rate_time_left_and_losses(pictures, shown):
    progress = Progress(100, pictures)
    # The clock starts after step 1, which compiles.
    progress.started, progress.first = 10.0, 1
    line = progress.line(50, 59.0, {"critic_loss": 0.123456, "penalty": 1.0})
    assert line == (
        f"[{'=' * 10}{'.' * 10}] 50/100  {shown}  0:50 left  "
        "critic_loss 0.123"
    )


def test_clock():
    assert [clock(s) for s in (0.4, 61, 3661)] == ["0:00", "1:01", "1:01:01"]

"""Errors of pairs against numbers worked out by hand."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics import arrays, pairs


def pictures(n=3, height=17, width=14, channels=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, height, width, channels)).astype("uint8")


def grey(*levels):
    return np.full((len(levels), 12, 12, 1), np.reshape(levels, (-1, 1, 1, 1)),
                   "uint8")


def test_constant_differences():
    made, truth = grey(10, 200), grey(13, 196)
    assert pairs.l1(made, truth) == 3.5
    assert pairs.rmse(made, truth) == pytest.approx(np.sqrt(12.5))
    wanted = np.mean([10 * np.log10(255**2 / e) for e in (9, 16)])
    assert pairs.psnr(made, truth) == pytest.approx(wanted)
    assert pairs.share_within(made, truth, 3) == 0.5
    assert pairs.share_within(made, truth, 4) == 1.0
    found = pairs.pair_errors(made, truth)
    assert found.l1 == 3.5 and found.within_5 == found.within_10 == 1.0


def test_unsigned_bytes_do_not_wrap():
    assert pairs.l1(grey(0), grey(255)) == pairs.l1(grey(255), grey(0)) == 255
    assert pairs.psnr(grey(0), grey(255)) == 0


def test_pictures_of_any_scale_are_the_same_pictures():
    made, truth = pictures(), pictures(seed=1)
    expected = pairs.pair_errors(made, truth)
    for form in (
        made / 255, made / 127.5 - 1, made.astype(float), made.tolist()
    ):
        assert pairs.pair_errors(form, truth) == expected


def test_a_pixel_is_near_when_all_its_channels_are():
    truth = pictures()
    made = truth.copy()
    made[0, 0, 0, 1] ^= 128
    made[1, 3, 2, :] ^= 128
    size = truth[..., 0].size
    assert pairs.share_within(made, truth, 10) == pytest.approx(1 - 2 / size)


def test_equal_pictures_do_not_hide_the_others():
    truth = grey(50, 100)
    made = grey(50, 110)
    alone = pairs.psnr(made[1:], truth[1:])
    one_level = 10 * np.log10(255**2 * 144)
    assert pairs.psnr(made, truth) == pytest.approx((alone + one_level) / 2)
    off_by_one = truth.copy()
    off_by_one[:, 3, 3] += 1
    assert pairs.psnr(truth, truth) == pairs.psnr(off_by_one, truth)
    assert pairs.ssim(truth, truth) == pytest.approx(1, abs=1e-12)


def by_hand(a, b):
    """SSIM of one channel, window by window, as the paper writes it."""
    x = np.arange(-5, 6)
    window = np.exp(-(x[:, None] ** 2 + x[None] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    values = []
    for i in range(a.shape[0] - 10):
        for j in range(a.shape[1] - 10):
            u = a[i:i + 11, j:j + 11].astype(float)
            v = b[i:i + 11, j:j + 11].astype(float)
            mu, nu = (window * u).sum(), (window * v).sum()
            uu = (window * (u - mu) ** 2).sum()
            vv = (window * (v - nu) ** 2).sum()
            uv = (window * (u - mu) * (v - nu)).sum()
            c1, c2 = 2.55**2, 7.65**2
            values.append(
                (2 * mu * nu + c1) * (2 * uv + c2)
                / ((mu**2 + nu**2 + c1) * (uu + vv + c2))
            )
    return np.mean(values)


def test_ssim_is_that_of_the_paper():
    a, noise = pictures(), pictures(seed=1)
    b = np.uint8(0.7 * a + 0.3 * noise)
    wanted = np.mean([
        by_hand(a[i, ..., c], b[i, ..., c]) for i in range(3) for c in range(3)
    ])
    assert 0.1 < wanted < 0.95
    assert pairs.ssim(a, b) == pytest.approx(wanted, abs=1e-9)


def test_laplacian_variance_by_hand():
    picture = pictures(1, 6, 7)
    grey = picture[0] @ np.array([0.299, 0.587, 0.114])
    edges = (
        grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
        - 4 * grey[1:-1, 1:-1]
    )
    assert pairs.laplacian_variance(picture) == pytest.approx(edges.var())
    # A ramp has no Laplacian; blur lowers it.
    ramp = np.tile(np.arange(0, 200, 10, "uint8"), (20, 1))[None, ..., None]
    assert pairs.laplacian_variance(ramp) == 0
    sharp = pictures(2, 20, 20, 1)
    blurred = np.uint8((sharp[:, 1:] / 2 + sharp[:, :-1] / 2))
    assert pairs.laplacian_variance(blurred) < pairs.laplacian_variance(sharp)


def test_blocks_change_nothing(monkeypatch):
    made, truth = pictures(7), pictures(7, seed=1)
    whole = pairs.pair_errors(made, truth)
    sharpness = pairs.laplacian_variance(made)
    monkeypatch.setattr(arrays, "_BLOCK", 2 * made[0].size)
    np.testing.assert_allclose(pairs.pair_errors(made, truth), whole)
    assert pairs.laplacian_variance(made) == pytest.approx(sharpness)


@pytest.mark.parametrize("made, truth, message", [
    (pictures() * 16.0, pictures(), "pictures: expected numbers from 0"),
    (np.moveaxis(pictures(), 3, 0)[0], pictures(), "expected uint8"),
    (pictures(), pictures()[..., :1], "resize them alike"),
    (pictures(2), pictures(3), "2 pictures but 3"),
    (pictures(0), pictures(0), "shape"),
    (pictures()[0], pictures()[0], "shape"),
    (pictures(3, 10, 30), pictures(3, 10, 30), "11 x 11"),
])
def test_bad_input_gives_one_line(made, truth, message):
    with pytest.raises(InputError, match=message) as error:
        pairs.pair_errors(made, truth)
    assert "\n" not in str(error.value)

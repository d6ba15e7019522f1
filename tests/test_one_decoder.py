"""Training, command line and served graph: the same pixels of every file.

What is on the files of `picture_table` is known without any decoder.
"""

import functools
import io

import numpy as np
import pytest
from PIL import Image

import picture_bytes
import picture_table
from check import needs
from keras_gen import cli, data
from keras_gen.cli import _common
from keras_gen.data import orientation, pictures
from keras_gen.data.kinds import label_ids
from keras_gen.data.sources import headers
from keras_gen.export import file_headers, picture_files
from keras_gen.serving import client

FILES = {file.name: file for file in picture_table.table()}
# Pillow says so of broken Exif.
pytestmark = pytest.mark.filterwarnings("ignore:Corrupt EXIF data")


class Store:
    """One file in memory."""

    def __init__(self, content):
        self.content = content

    def open(self, name):
        return io.BytesIO(self.content)


def decoded(content, channels):
    return pictures.as_array(pictures.decode(content, channels)).astype(int)


@functools.cache
def graph(channels):
    """Python's bytes to an array, by one traced function for all files."""
    decode = picture_files.decoder(channels)
    return lambda content: decode(content).numpy()


def test_the_table_has_every_kind_once():
    assert len(FILES) == len(picture_table.table()) > 140


def test_python_reads_what_is_on_each_file():
    for name, file in FILES.items():
        for channels in (3, 1):
            wanted = file.pixels
            if channels == 1:
                wanted = picture_table.luma(wanted)
            found = decoded(file.content, channels)
            assert found.shape == wanted.shape, name
            assert np.abs(found - wanted).max() <= file.near, name
        assert headers.read(Store(file.content), "x") == (
            *file.pixels.shape[1::-1], file.grey
        ), name


@needs("tensorflow")
@pytest.mark.parametrize("channels", [1, 3])
def test_the_graph_reads_what_python_reads(channels):
    """All files in one test: before each, a function is made anew."""
    import tensorflow as tf

    for name, file in FILES.items():
        try:
            found = graph(channels)(file.content)
        except tf.errors.InvalidArgumentError as error:
            assert file.refused and "cannot be read here" in str(error), name
            continue
        wanted = decoded(file.content, channels)
        assert found.shape == wanted.shape and not file.refused, name
        assert np.abs(found - wanted).max() <= 1, name


@pytest.mark.parametrize("turn", picture_table.TURNS)
@pytest.mark.parametrize("form", ["TIFF", "WEBP", "JPEG", "PNG"])
def test_formats_of_pillow_are_turned(form, turn):
    picture, exif = picture_table.smooth(), Image.Exif()
    exif[orientation.TAG] = turn
    stream = io.BytesIO()
    lossless = {"lossless": True} if form == "WEBP" else {}
    Image.fromarray(picture).save(stream, form, exif=exif, **lossless)
    found = decoded(stream.getvalue(), 3)
    wanted = picture_table.TURNS[turn](picture)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= (8 if form == "JPEG" else 0)
    head = headers.read(Store(stream.getvalue()), "x")
    assert head == (*wanted.shape[1::-1], False)


def test_pairs_that_lie_on_their_side_are_cut_upright(tmp_path):
    left, right = np.full((16, 16, 3), 50), np.full((16, 16, 3), 200)
    pair = np.concatenate([left, right], axis=1)
    content = picture_bytes.png(
        np.rot90(pair), picture_table.RGB, 8,
        after=[(b"eXIf", picture_bytes.exif(6))],
    )
    for number in range(6):
        (tmp_path / f"{number}.png").write_bytes(content)
    dataset = data.load(tmp_path, "pairs", size=16, channels=3)
    found = dataset.take(np.arange(2))
    assert (found["input"] == 50).all() and not dataset.skipped
    assert (found["target"] == 200).all()


def test_large_jpegs_are_decoded_in_full():
    """Thin lines of strong colours, which reduced decoding gets wrong."""
    picture = np.full((600, 600, 3), 255, np.uint8)
    picture[::7], picture[:, ::9] = (200, 0, 0), (0, 0, 120)
    content = picture_bytes.jpeg(Image.fromarray(picture), subsampling=2)
    with Image.open(io.BytesIO(content)) as image:
        wanted = pictures.fit(image, 32)
    found = pictures.fit(pictures.decode(content, 3), 32)
    np.testing.assert_array_equal(found, wanted)


def test_numbers_of_label_maps_are_those_of_the_file():
    numbers = np.random.default_rng(0).integers(0, 4, (5, 9, 1))
    column = label_ids.LabelIds(4)
    chunks = [(b"PLTE", bytes(range(12))), (b"eXIf", picture_bytes.exif(6))]
    for colour, bits in ((0, 2), (0, 4), (0, 8), (3, 2), (3, 4), (3, 8)):
        content = picture_bytes.png(
            numbers, colour, bits, before=chunks[colour == 0:]
        )
        found = column.item(column.opened([content], (9, 5)), None, (9, 5))
        np.testing.assert_array_equal(found, np.rot90(numbers[..., 0], -1))


def blocks():
    """Blocks of Exif, right ones and as fuzz makes them."""
    random = np.random.default_rng(0)
    right = [picture_bytes.exif(t, o) for t in range(1, 9) for o in "<>"]
    right += [
        file_headers._EXIF + right[3], picture_bytes.exif(5, place=60),
        *picture_bytes.broken_exif().values(),
    ]
    for block in right:
        yield block
        if block:
            changed = bytearray(block)
            changed[random.integers(len(block))] = random.integers(256)
            yield bytes(changed)
            yield block[:random.integers(len(block))]


@needs("tensorflow")
def test_exif_and_xmp_mean_the_same_in_a_graph():
    import tensorflow as tf

    def each(function, texts):
        return tf.function(lambda texts: tf.map_fn(
            function, texts, fn_output_signature=tf.int64
        ))(tf.constant(texts)).numpy().tolist()

    texts = list(blocks())
    wanted = [orientation.of_exif(block) or 0 for block in texts]
    assert set(wanted) == set(range(9))
    assert each(file_headers._of_exif, texts) == wanted
    texts = [
        picture_bytes.xmp(3), picture_bytes.xmp(7, in_tag=True), b"",
        picture_bytes.xmp(0), b"tiff:Orientation", b"tiff:Orientation=",
        b"tiff:Orientation='6'", picture_bytes.xmp(9) + picture_bytes.xmp(2),
        b'\xff\x00tiff:Orientation="4"\xff',
    ]
    wanted = [orientation.of_xmp(text) or 0 for text in texts]
    assert wanted == [3, 7, 0, 0, 0, 0, 0, 2, 4]
    assert each(file_headers._of_xmp, texts) == wanted


@needs("tensorflow")
def test_what_hostile_files_say_is_not_believed():
    """A picture, or one error that clients get as theirs."""
    import tensorflow as tf

    random = np.random.default_rng(0)
    for name in list(FILES)[::2]:
        content = bytearray(FILES[name].content)
        content[random.integers(8, len(content))] = random.integers(256)
        if random.integers(2):
            content = content[:random.integers(8, len(content))]
        try:
            picture = graph(3)(bytes(content))
        except tf.errors.InvalidArgumentError:
            continue
        assert picture.min() >= 0 and picture.max() <= 255
    # The decoder passes over transparency with a wrong checksum.
    content = bytearray(FILES["png grey 4 tRNS"].content)
    content[content.index(b"tRNS") + 6] ^= 1
    with pytest.raises(tf.errors.InvalidArgumentError, match="is transparent"):
        graph(3)(bytes(content))
    # Arithmetic coding, and 12 bits.
    plain = picture_bytes.jpeg(Image.fromarray(picture_table.smooth()))
    place = plain.index(b"\xff\xc0")
    for at, byte in ((1, 0xC9), (4, 12)):
        content = bytearray(plain)
        content[place + at] = byte
        with pytest.raises(tf.errors.InvalidArgumentError):
            graph(3)(bytes(content))


@needs("tensorflow")
def test_no_file_is_looked_through_for_long(monkeypatch):
    monkeypatch.setattr(file_headers, "_MOST", 20)
    pixels = np.zeros((4, 4, 1), int)
    plain = picture_bytes.jpeg(Image.fromarray(picture_table.smooth()))
    part = picture_bytes.segment(0xE5, b"")
    for count in (3, 30):
        chunks = [(b"teST", b"")] * count
        content = picture_bytes.png(pixels, 0, 8, before=chunks)
        assert file_headers.png(content).whole == (count == 3)
        content = picture_bytes.with_segments(plain, *[part] * count)
        assert file_headers.jpeg(content).whole == (count == 3)


@needs("tensorflow")
@pytest.mark.parametrize("content", ["noise", "edges"])
def test_the_graph_scales_as_the_command_line_does(content):
    import tensorflow as tf

    random = np.random.default_rng(0)
    scale = tf.function(
        lambda x: picture_files.scaled(x, 64),
        input_signature=[tf.TensorSpec((None, None, 3), "float32")],
    )
    for shape in ((64, 64), (150, 100), (70, 141), (32, 40), (65, 64)):
        picture = random.integers(0, 256, (*shape, 3), np.uint8)
        if content == "edges":
            picture = picture // 128 * 255
        found = scale(picture.astype("float32")).numpy()
        wanted = np.asarray(pictures.scaled(Image.fromarray(picture), 64))
        assert found.shape == wanted.shape
        difference = np.abs(found - wanted)
        assert difference.max() <= 1 and difference.mean() < 1e-3


@pytest.mark.slow
@needs("tensorflow")
def test_the_client_translates_as_the_command_line_does(
    exported, tmp_path, monkeypatch
):
    """Files as they are sent: nothing on the way decodes them."""
    import tensorflow as tf

    model, loaded, _ = exported("cyclegan_shapes")
    (tmp_path / "in").mkdir()
    names = ("png grey 4", "png palette 2", "png rgba 16 interlaced",
             "png grey 16 tRNS", "png eXIf 6", "jpeg cmyk", "jpeg exif 6 <",
             "jpeg exif 8 >", "jpeg grey progressive")
    paths = []
    for number, name in enumerate(names):
        ending = name[:4].strip()
        path = tmp_path / "in" / f"{number}.{ending}"
        path.write_bytes(FILES[name].content)
        paths.append(str(path))
    monkeypatch.setattr(_common, "model_of", lambda *_: model)
    monkeypatch.setattr(_common, "document", lambda name: {"data": {}})
    monkeypatch.setattr(_common, "check_weights", str)
    monkeypatch.setattr(client, "signatures", lambda *_: {
        "translate_png": (["image_bytes"], ["image_bytes"])
    })
    monkeypatch.setattr(client, "encoded", lambda content: content)
    monkeypatch.setattr(client, "predict", lambda url, model, signature, rows: [
        loaded.signatures[signature](image_bytes=tf.constant(
            [row["image_bytes"] for row in rows]
        ))["image_bytes"].numpy()[0]
    ])
    cli.main(["translate", "x", *paths, str(tmp_path / "here")])
    cli.main(["client", "translate", "x", *paths, str(tmp_path / "there")])
    for number in range(len(names)):
        here, there = (
            np.asarray(Image.open(tmp_path / side / f"{number}.png"), int)
            for side in ("here", "there")
        )
        assert here.shape == there.shape and min(here.shape[:2]) == 64
        # The network enlarges what a pixel in thousands is off by scaling.
        difference = np.abs(here - there)
        assert difference.max() <= 12 and difference.mean() < 0.2

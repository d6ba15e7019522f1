"""keras-gen client against a server that answers as TensorFlow Serving."""

import base64
import contextlib
import http.server
import io
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from check import running
from keras_gen import cli, values
from keras_gen.serving import client

SERVED = {
    "faces": {
        "serving_default": ["latent"], "sample_png": ["seed", "truncation"],
    },
    "clothes": {"sample_png": ["label", "seed"]},
    "named": {"sample_png": ["label", "seed"], "label_of": ["class_name"]},
    "odd": {"sample_png": ["colour", "seed"]},
    "ring": {"sample": ["seed", "truncation"]},
    "films": {"sample": ["seed"], "sample_png": ["seed"]},
    "solids": {"sample": ["seed"]},
    "liars": {"sample": ["seed"]},
    "looks": {
        "translate_png": ["image_bytes"], "translate_png_to_a": ["image_bytes"],
        "sample_png": ["seed"],
    },
}


# What "sample" calls its output.
COLUMNS = {
    "ring": "points", "films": "video", "solids": "voxels",
    "liars": "points",
}


def item(name, seed):
    """What "sample" answers for a seed."""
    if name == "ring":
        return [seed / 3, -seed]
    if name == "films":
        return np.full((3, 4, 6, 3), [[[[seed]]], [[[0]]], [[[9]]]]).tolist()
    if name == "solids":
        return np.full((4, 4, 4, 1), 255 * (seed % 2)).tolist()
    return [seed, seed, seed]


def png(value, size=(6, 4)):
    """A file of one colour."""
    file = io.BytesIO()
    Image.new("RGB", size, (value, value, value)).save(file, "png")
    return file.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    """REST in the row format; a picture's grey is its seed, a translation is
    the negative."""

    def do_GET(self):
        self.server.asked.append((self.path, None))
        name, *_, last = self.path.removeprefix("/v1/models/").split("/")
        if name not in SERVED or last != "metadata":
            return self.answer(404, {
                "error": f"Could not find any versions of model {name}"
            })
        signatures = {
            signature: {
                "inputs": {x: {"dtype": "DT_INT64"} for x in inputs},
                "outputs": {
                    COLUMNS.get(name, "image") if signature == "sample"
                    else "image_bytes": {"dtype": "DT_STRING"}
                },
                "method_name": "tensorflow/serving/predict",
            } for signature, inputs in SERVED[name].items()
        } | {"__saved_model_init_op": {"inputs": {}, "outputs": {}}}
        self.answer(200, {
            "model_spec": {"name": name, "version": "1"},
            "metadata": {"signature_def": {"signature_def": signatures}},
        })

    def do_POST(self):
        body = json.loads(
            self.rfile.read(int(self.headers["Content-Length"]))
        )
        self.server.asked.append((self.path, body))
        if body["signature_name"] == "label_of":
            return self.label_of(*body["instances"])
        if body["signature_name"] == "sample":
            name = self.path.removeprefix("/v1/models/").partition(":")[0]
            return self.answer(200, {"predictions": [
                item(name, row["seed"]) for row in body["instances"]
            ]})
        try:
            files = [self.made(row) for row in body["instances"]]
        except OSError:
            return self.answer(400, {"error": "expected a PNG\nor JPEG file"})
        self.answer(200, {"predictions": list(map(client.encoded, files))})

    def label_of(self, row):
        names = ["coat", "bag", "10"]
        if row["class_name"] not in names:
            return self.answer(400, {"error": "no such class: they are coat"})
        self.answer(200, {"predictions": [names.index(row["class_name"])]})

    @staticmethod
    def made(row):
        if "seed" in row:
            return png(row["seed"])
        content = base64.b64decode(row["image_bytes"]["b64"])
        image = Image.open(io.BytesIO(content))
        return png(255 - image.getpixel((0, 0))[0], image.size)

    def answer(self, code, value):
        content = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


class Other(Handler):
    """No TensorFlow Serving."""

    def do_GET(self):
        self.answer(*self.server.reply)


@contextlib.contextmanager
def serving(handler):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.asked = []
        server.url = f"http://127.0.0.1:{server.server_port}"
        with running(server):
            yield server


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(Handler) as server:
        yield server


def run(server, action, *arguments):
    scale = ["--scale=1"] if action == "sample" else []
    cli.main(["client", action, *arguments, *scale, f"--url={server.url}/"])


def fails(capsys, server, action, *arguments):
    """The one line of a mistake."""
    with pytest.raises(SystemExit) as caught:
        run(server, action, *arguments)
    error = capsys.readouterr().err
    assert caught.value.code == 2 and error.startswith("error: "), error
    assert error.count("\n") == 1
    return error


def test_samples_are_asked_for_row_by_row(server, tmp_path, capsys):
    run(server, "sample", "clothes", "--n", "4", "--seed", "100", "--label",
        "3", "--out=grid.png")
    assert capsys.readouterr().out == "grid.png\n"
    assert server.asked == [
        ("/v1/models/clothes/metadata", None),
        ("/v1/models/clothes:predict", {
            "signature_name": "sample_png",
            "instances": [{"seed": s, "label": 3} for s in range(100, 104)],
        }),
    ]
    grid = np.asarray(Image.open(tmp_path / "grid.png"))
    assert grid.shape == (10, 14, 3)
    found = [grid[y, x, 0] for y in (0, 6) for x in (0, 8)]
    assert found == [100, 101, 102, 103]


@pytest.mark.parametrize("model, label, number", [
    ("named", "bag", 1), ("named", "10", 2), ("named", "7", 7),
    ("clothes", "7", 7),
])
def test_a_class_is_asked_for_by_its_name(server, model, label, number):
    run(server, "sample", model, "--n=1", f"--label={label}", "--out=a.png")
    assert server.asked[-1][1]["instances"] == [{"seed": 0, "label": number}]


def test_truncation_is_sent_where_the_server_has_it(server):
    run(server, "sample", "faces", "--n=20", "--truncation=0.5", "--out=a.png")
    run(server, "sample", "faces", "--n=1", "--out=a.png")
    run(server, "sample", "looks/versions/2", "--n=1", "--out=a.png")
    bodies = [body["instances"] for _, body in server.asked if body]
    assert [len(rows) for rows in bodies] == [16, 4, 1, 1]
    assert bodies[1][0] == {"seed": 16, "truncation": 0.5}
    assert bodies[2] == [{"seed": 0, "truncation": 10.0}]
    assert bodies[3] == [{"seed": 0}]
    assert [path for path, _ in server.asked[-2:]] == [
        "/v1/models/looks/versions/2/metadata",
        "/v1/models/looks/versions/2:predict",
    ]


def test_points_are_written_as_a_table_or_drawn(server, tmp_path, capsys):
    run(server, "sample", "ring", "--n=20", "--seed=5", "--out=a.csv")
    assert capsys.readouterr().out == "a.csv\n"
    first, *rows = (tmp_path / "a.csv").read_text().splitlines()
    assert first == "x,y" and len(rows) == 20
    expected = [[seed / 3, -seed] for seed in range(5, 25)]
    found = np.array([row.split(",") for row in rows], "float32")
    np.testing.assert_array_equal(found, np.array(expected, "float32"))
    assert server.asked[1][1] == {
        "signature_name": "sample",
        "instances": [
            {"seed": 5 + i, "truncation": 10.0} for i in range(16)
        ],
    }
    run(server, "sample", "ring", "--n=3", "--out=a.png")
    sheet, _ = values.Points().sheet(expected[:3])
    assert Image.open(tmp_path / "a.png").size == sheet.shape[1:3]
    run(server, "sample", "ring", "--out=all.csv")
    assert len((tmp_path / "all.csv").read_text().splitlines()) == 2049


def test_what_moves_is_written_as_a_gif_or_a_sheet(server, tmp_path):
    run(server, "sample", "films", "--n=2", "--seed=50", "--out=a.gif")
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.n_frames == 3
        for frame, expected in enumerate([(50, 51), (0, 0), (9, 9)]):
            gif.seek(frame)
            pixels = np.asarray(gif.convert("RGB"))
            # One beside the other.
            found = pixels[9, [9, -9], 0]
            np.testing.assert_allclose(found, expected, atol=2)
    run(server, "sample", "films", "--n=2", "--seed=50", "--out=a.png")
    sheet = np.asarray(Image.open(tmp_path / "a.png"))
    assert sheet.shape == (4 + 2 + 4, 3 * 8 - 2, 3)
    assert sheet[[0, 6], 0, 0].tolist() == [50, 51]
    run(server, "sample", "solids", "--n=2", "--out=a.gif")
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.n_frames == 24 and gif.size == (64 + 2 + 64, 64)
    run(server, "sample", "solids", "--n=2", "--out=b.png")
    sheet = np.asarray(Image.open(tmp_path / "b.png"))
    # An empty solid, and a full one.
    assert (sheet[:, :64] == 255).all() and (sheet[:, 66:] < 255).any()


def test_pictures_are_translated_one_by_one(server, tmp_path, capsys):
    (tmp_path / "a.jpg").write_bytes(png(50, (9, 7)))
    (tmp_path / "b.png").write_bytes(b"no picture")
    (tmp_path / "c.png").write_bytes(png(60))
    run(server, "translate", "looks", "a.jpg", "b.png", "c.png", "out",
        "--to=a")
    told = capsys.readouterr()
    assert told.out == "out: 2 translated, 1 skipped\n"
    assert "b.png: the server refuses it: expected a PNG" in told.err
    path, body = server.asked[1]
    assert path == "/v1/models/looks:predict"
    assert body == {
        "signature_name": "translate_png_to_a",
        "instances": [{"image_bytes": {
            "b64": base64.b64encode(png(50, (9, 7))).decode()
        }}],
    }
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "a.png", "c.png"
    ]
    made = Image.open(tmp_path / "out" / "a.png")
    assert made.size == (9, 7) and made.getpixel((0, 0)) == (205, 205, 205)


@pytest.mark.parametrize("arguments, words", [
    ("sample faec --out=x.png", "404: Could not find any versions of model"),
    ("sample faces --label=3 --out=x.png", "takes no label: leave --label out"),
    ("sample clothes --out=x.png", "takes a class: give --label"),
    ("sample clothes --label=1 --truncation=1 --out=x.png", "no truncation"),
    ("sample clothes --label=bag --out=x.png", "not know its classes by name"),
    ("sample named --label=cat --out=x.png", "no such class: they are coat"),
    ("sample odd --out=x.png", "takes colour, which this command does not"),
    ("sample liars --out=x.png", "answer must be points of shape (2), not (3)"),
    ("sample ring --label=3 --out=x.png", "takes no label"),
    ("sample faces --n=0 --out=x.png", "--n must be at least 1, got 0"),
    ("sample faces --out=x.what", "choose an ending such as .png"),
    ("translate faces a.png out", "no signature translate_png: it has "
     "sample_png, serving_default"),
    ("translate looks b.png out", "there is no file b.png"),
    ("translate looks a.png a.png out", "would both become"),
    ("sing faces x.png", "invalid choice: 'sing'"),
])
def test_a_mistake_is_one_line(arguments, words, server, tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(png(1))
    assert words in fails(capsys, server, *arguments.split())
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("reply, words", [
    ((200, {"hello": 1}), "is no address of TensorFlow Serving"),
    ((200, [1]), "is no address of TensorFlow Serving"),
    ((503, {"error": "still loading"}), "answers 503: still loading"),
    ((500, ["?"]), "answers 500: Internal Server Error"),
    ((400, {"error": "two\nlines"}), "refuses it: two lines"),
])
def test_what_answers_may_be_something_else(
    reply, words, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(Other) as server:
        server.reply = reply
        line = fails(capsys, server, "sample", "faces", "--out=x.png")
        assert words in line
    line = fails(capsys, server, "sample", "faces", "--out=x.png")
    assert "no answer from" in line and "keras-gen serve" in line
    server.url = "127.0.0.1:8501"
    line = fails(capsys, server, "sample", "faces", "--out=x.png")
    assert "must begin with http:// or https://, got 127.0.0.1:8501" in line
    assert not list(tmp_path.iterdir())


def test_it_starts_without_keras(server, tmp_path):
    code = (
        "import sys; from keras_gen.cli import main; main(sys.argv[1:])\n"
        "slow = {'keras', 'tensorflow', 'torch', 'grpc'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    subprocess.run(
        [sys.executable, "-c", code, "client", "sample", "faces",
         f"--url={server.url}"], check=True, capture_output=True,
    )
    assert (tmp_path / "faces-samples.png").is_file()

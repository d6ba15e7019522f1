"""The configuration files of docs/serving, as far as they can be read here."""

import re

import pytest

from check import TESTS, installed
from keras_gen.zoo import weights

DOCS = TESTS.parent / "docs"
FILES = DOCS / "serving"
# A line of YAML as we write it: two spaces for each level, then an entry of a
# list, a key, or both.
YAML = re.compile(
    r"(  )*(- )?([\w.]+:( [^\s].*)?|--[\w]+=\S+|\S+:\S*)$"
)


@pytest.mark.skipif(
    not installed("tensorflow_serving"), reason="needs the extra serving"
)
def test_models_config_is_what_tensorflow_serving_reads():
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    found = text_format.Parse(
        (FILES / "models.config").read_text(),
        model_server_config_pb2.ModelServerConfig(),
    )
    configs = found.model_config_list.config
    assert {c.name for c in configs} <= set(weights.names())
    for config in configs:
        assert config.base_path == f"/models/{config.name}"
        assert config.model_platform == "tensorflow"
        versions = set(config.model_version_policy.specific.versions)
        assert set(config.version_labels.values()) <= versions


def fields(name):
    """(name, value) of each field of a text message."""
    text = re.sub(r"#.*", "", (FILES / name).read_text())
    return re.findall(r'(\w+)\s*(?::|\{ value:)\s*("[^"]*"|\w+)', text)


def test_batching_parameters():
    found = fields("batching_parameters.txt")
    sizes = [int(v) for k, v in found if k == "allowed_batch_sizes"]
    single = {k: int(v) for k, v in found if k != "allowed_batch_sizes"}
    assert set(single) == {
        "max_batch_size", "batch_timeout_micros", "max_enqueued_batches",
        "num_batch_threads",
    }
    assert sizes == sorted(sizes) and sizes[-1] == single["max_batch_size"]


def test_monitoring():
    assert fields("monitoring.config") == [
        ("enable", "true"), ("path", '"/monitoring/prometheus/metrics"')
    ]
    braces = (FILES / "monitoring.config").read_text()
    assert braces.count("{") == braces.count("}") == 1


@pytest.mark.parametrize("name", ["compose.yaml", "kserve.yaml"])
def test_yaml_is_well_formed(name):
    levels = [0]
    for line in (FILES / name).read_text().splitlines():
        if line.lstrip().startswith("#"):
            continue
        assert YAML.match(line), line
        level = (len(line) - len(line.lstrip())) // 2
        assert level <= levels[-1] + 1, line
        levels.append(level)


def test_one_image_one_set_of_flags():
    compose = (FILES / "compose.yaml").read_text()
    text = (DOCS / "serving.md").read_text()
    images = re.findall(r"tensorflow/serving:[\w.-]*\w", compose + text)
    assert set(images) == {"tensorflow/serving:2.21.0"}
    assert 'runtimeVersion: "2.21.0"' in (FILES / "kserve.yaml").read_text()
    flags = re.findall(r"- (--\w+=\S+)", compose)
    assert len(flags) == 8 and all(flag in text for flag in flags)


def test_every_mounted_and_linked_file_is_there():
    compose = (FILES / "compose.yaml").read_text()
    mounted = set(re.findall(r"- \./(\w[\w.]*\.\w+|Caddyfile):", compose))
    text = (DOCS / "serving.md").read_text()
    linked = set(re.findall(r"\(serving/([\w.]+)\)", text))
    assert mounted | linked == {p.name for p in FILES.iterdir()}
    proxy = (FILES / "Caddyfile").read_text()
    ports = set(re.findall(r"serving:(\d+)$", proxy, re.M))
    exposed = re.search(r"expose: \[(.*)\]", compose)[1]
    assert ports == set(re.findall(r"\d+", exposed)) == {"8500", "8501"}

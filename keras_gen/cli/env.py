"""keras-gen env: what keras_gen runs on here, for a report of a bug."""

import importlib
import importlib.metadata
import os
import platform
from pathlib import Path

from keras_gen.backend import settings
from keras_gen.cli import _json
from keras_gen.zoo import weights

# What the kernel calls the instructions that decide how fast a training in
# bfloat16 is, and what people call them.
_INSTRUCTIONS = {
    "avx2": "AVX2", "avx512f": "AVX512", "avx512_bf16": "AVX512-BF16",
    "amx_bf16": "AMX-BF16",
}
# Those that are told where they lack, too.
_BFLOAT16 = ("avx512_bf16", "amx_bf16")
EXAMPLES = (
    "keras-gen env",
    "keras-gen env --json",
)


def add_arguments(parser):
    """The flags of `keras-gen env`."""
    _json.add(parser, "a table")


def run(options):
    """Prints a line for each fact."""
    found = facts()
    if options.json:
        _json.say(found)
        return
    width = max(map(len, found))
    for name, value in found.items():
        print(f"{name:<{width}}  {value}")


def facts():
    """{what: text}: also of an installation in which something is broken, and
    nothing that says whose machine it is."""
    backend = settings.wanted_backend()
    own = importlib.import_module("keras_gen").__version__
    packed = weights.home().name == "_home"
    return {
        "keras_gen": f"{own} ({'wheel' if packed else 'checkout'})",
        "python": platform.python_version(),
        "keras": version("keras"),
        "backend": f"{backend} {version(backend)}",
        "numpy": version("numpy"),
        "devices": devices(),
        "processor": ", ".join([f"{name()}, {cores()} cores", *flags()]),
        "system": platform.platform(),
    }


def version(package):
    """Of an installed package."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def devices():
    """The GPUs that the backend sees, which has to be imported for it."""
    try:
        place = importlib.import_module("keras_gen.training.devices.place")
        names = place.gpu_names()
    except Exception as error:  # that is what the report is about
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return f"GPU: {', '.join(map(str, names))}" if names else "CPU, no GPU"


def name():
    """The processor's."""
    told = cpu_info().get("model name")
    return told or platform.processor() or platform.machine()


def cores():
    """As many as this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def flags():
    """The instructions that matter, and "no ..." for those of bfloat16 that
    lack; empty where the system does not tell."""
    known = cpu_info().get("flags", "").split()
    has = [shown for flag, shown in _INSTRUCTIONS.items() if flag in known]
    lacks = [
        f"no {_INSTRUCTIONS[flag]}" for flag in _BFLOAT16
        if known and flag not in known
    ]
    return has + lacks


def cpu_info(file="/proc/cpuinfo"):
    """{key: text} of the last processor that Linux knows; {} elsewhere."""
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except OSError:
        return {}
    return dict(
        map(str.strip, line.split(":", 1)) for line in lines if ":" in line
    )

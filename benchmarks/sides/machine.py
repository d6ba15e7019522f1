"""What a measurement was made on, in words."""

import importlib.util
import os
import platform
from pathlib import Path

# What the kernel calls the instructions that training in bfloat16 uses.
_INSTRUCTIONS = {
    "avx2": "AVX2", "avx512f": "AVX512", "avx512_bf16": "AVX512-BF16",
    "amx_bf16": "AMX-BF16",
}


def described():
    """Processor, its instructions, cores in use, and the GPU if PyTorch sees
    one."""
    name, known = platform.processor() or platform.machine(), set()
    told = Path("/proc/cpuinfo")
    if told.exists():
        lines = told.read_text("utf-8").splitlines()
        told = dict(
            map(str.strip, line.split(":", 1)) for line in lines if ":" in line
        )
        name, known = told.get("model name", name), told.get("flags", "")
        known = set(known.split())
    has = [v for k, v in _INSTRUCTIONS.items() if k in known]
    lacks = [
        _INSTRUCTIONS[k] for k in ("avx512_bf16", "amx_bf16")
        if known and k not in known
    ]
    cores = len(os.sched_getaffinity(0)) if hasattr(
        os, "sched_getaffinity"
    ) else os.cpu_count()
    words = [f"{name}, {cores} cores", *has, *(f"no {x}" for x in lacks)]
    return ", ".join([*words, *_gpu()])


def _gpu():
    if importlib.util.find_spec("torch") is None:
        return []
    import torch

    if not torch.cuda.is_available():
        return []
    return [f"GPU {torch.cuda.get_device_name(0)}"]

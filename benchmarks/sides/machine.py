"""What a measurement was made on, in words."""

import importlib.util

from keras_gen.cli import env


def described():
    """Processor, its instructions, cores in use, and the GPU if PyTorch sees
    one."""
    return ", ".join(
        [f"{env.name()}, {env.cores()} cores", *env.flags(), *_gpu()]
    )


def _gpu():
    if importlib.util.find_spec("torch") is None:
        return []
    import torch

    if not torch.cuda.is_available():
        return []
    return [f"GPU {torch.cuda.get_device_name(0)}"]

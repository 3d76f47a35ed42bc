"""Reads the weights of a pretrained ResNet18 from a local file: torchvision's state dict, or safetensors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from zprl.models.backbone import Backbone
from zprl_core.errors import CheckpointError, quoted

PICKLES = (".pth", ".pt")  # of torch.save
URL = "https://download.pytorch.org/models/resnet18-f37072fd.pth"  # 45 MB, ImageNet
REMEDY = f"give the weights of a ResNet18 under torchvision's names, such as {URL}"


def backbone_in(path: str | None) -> dict[str, Tensor] | None:
    """Returns the weights in a file, as `read_backbone` does; None without a file."""
    return None if path is None else read_backbone(Path(path))


def read_backbone(path: Path) -> dict[str, Tensor]:
    """Returns the weights as float32, by the names of `Backbone`; what else the file has is left out.

    From a .pth or .pt only tensors are unpickled. Raises CheckpointError for a file that is missing, is something else,
    or has tensors of other names, shapes or types.
    """
    found = _tensors(path)
    with torch.device("meta"):
        wanted = Backbone().state_dict()
    return {name: _checked(path, name, like, found) for name, like in wanted.items()}


def _checked(path: Path, name: str, like: Tensor, found: Mapping[str, Any]) -> Tensor:
    tensor = found.get(name)
    if not isinstance(tensor, Tensor):
        first = ", ".join(quoted(key) for key in list(found)[:3]) or "nothing"
        raise CheckpointError(f"{path} has no tensor {name}, its first entries are {first}; {REMEDY}")
    if tensor.shape != like.shape or not tensor.is_floating_point():
        raise CheckpointError(
            f"{path}: {name} has shape {tuple(tensor.shape)} and type {tensor.dtype}, a ResNet18 has "
            f"{tuple(like.shape)} and floating point; {REMEDY}"
        )
    if not torch.isfinite(tensor).all() or (name.endswith("running_var") and (tensor < 0.0).any()):
        raise CheckpointError(f"{path}: {name} has numbers that are not finite, or a negative variance; {REMEDY}")
    return tensor.detach().to(torch.float32).contiguous()


def _tensors(path: Path) -> Mapping[str, Any]:
    """Returns what a file contains, by name."""
    if not path.is_file():
        raise CheckpointError(f"there is no file {path}; {REMEDY}")
    if path.suffix not in (*PICKLES, ".safetensors"):
        raise CheckpointError(f"{path} must end in {', '.join(PICKLES)} or .safetensors; {REMEDY}")
    try:
        if path.suffix not in PICKLES:
            return load_file(path)
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many types for bytes that are no state dict
        raise CheckpointError(f"{path} cannot be read ({quoted(error)[:200]}); {REMEDY}") from None
    if not isinstance(found, Mapping):
        raise CheckpointError(f"{path} has a {type(found).__name__}, not a state dict; {REMEDY}")
    return found

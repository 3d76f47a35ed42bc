"""Chooses where a network is trained offline: on the CPU, on a GPU, or on several through Lightning Fabric."""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from lightning_fabric import Fabric
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

MOST_THREADS = 8  # of one batch of 64 images


def accelerator(images: bool) -> Fabric:
    """Returns all visible GPUs for a network that sees images, if there is one, else the CPU.

    A network without images is small: on the CPU it trains as fast, and to the same bits on every machine. Choose GPUs
    with CUDA_VISIBLE_DEVICES. Several train in processes of their own, which `launched` forks.
    """
    gpus = torch.cuda.device_count() if images else 0  # does not initialize CUDA, which could not be forked then
    return on_gpus(gpus) if gpus else Fabric(accelerator="cpu", devices=1)


def on_gpus(count: int) -> Fabric:
    """Returns `count` GPUs."""
    torch.set_float32_matmul_precision("high")  # TensorFloat-32 outside of the encoders
    return Fabric(accelerator="cuda", devices=count, strategy="ddp_fork" if count > 1 else "auto")


def launched(fabric: Fabric, train: Callable[..., Mapping[str, Tensor]], *args: object) -> dict[str, Tensor]:
    """Runs train(fabric, *args) in each of fabric's processes. Returns the tensors of the first, on the CPU."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trained.safetensors"  # Fabric's queue would need the process to outlive its tensors
        launch: Callable[..., object] = fabric.launch  # its annotation takes functions without arguments only
        launch(_saved, train, path, *args)
        return load_file(path)


def _saved(fabric: Fabric, train: Callable[..., Mapping[str, Tensor]], path: Path, *args: object) -> None:
    tensors = train(fabric, *args)
    if fabric.is_global_zero:
        save_file({name: x.cpu().contiguous() for name, x in tensors.items()}, path)


def accelerate(fabric: Fabric, networks: Iterable[nn.Module]) -> None:
    """Changes convolutional networks in place: bfloat16 where fabric's device computes in it, compiled for a GPU.

    For convolutions only: positions in an image need more digits, and Fabric's own mixed precision rounds a module's
    inputs too: actions, noise and time. On a CPU compiling takes longer than it saves.
    """
    gpu = fabric.device.type == "cuda"
    for network in networks:
        if gpu or computes_bfloat16():
            setattr(network, "forward", _in_bfloat16(network.forward, fabric.device.type))  # noqa: B010
        if gpu:
            warnings.filterwarnings("ignore", module="torch._inductor")
            network.compile()


@contextmanager
def all_cores(fabric: Fabric) -> Iterator[None]:
    """Computes on the cores that this process may use during the block, at most MOST_THREADS, or OMP_NUM_THREADS.

    For convolutions, which then take half of the time on two cores. Several processes, and a GPU's, keep one thread.
    """
    before = torch.get_num_threads()
    if fabric.device.type == "cpu" and fabric.world_size == 1 and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(min(MOST_THREADS, len(os.sched_getaffinity(0))))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def computes_bfloat16() -> bool:
    """True for a CPU with instructions for bfloat16 (AMX or AVX512): convolutions are about twice as fast with them."""
    features = torch.cpu.get_capabilities()
    return bool(features.get("amx_bf16") or features.get("avx512_bf16"))


def _in_bfloat16(forward: Callable[[Tensor], Tensor], device: str) -> Callable[[Tensor], Tensor]:
    def computed(x: Tensor) -> Tensor:
        with torch.autocast(device, torch.bfloat16):
            return forward(x).float()

    return computed

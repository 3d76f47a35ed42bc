"""Chooses where a network is trained offline: on the CPU, on a GPU, or on several through Lightning Fabric."""

import logging
import os
import shutil
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments import LightningEnvironment, TorchElasticEnvironment
from lightning_fabric.plugins.environments.lightning import find_free_network_port
from lightning_fabric.strategies import DDPStrategy
from torch import Tensor, nn

from zprl.training.workers import ALONE, Workers

LONGEST_WAIT_S = 600.0  # of one process for the others, which may first decode videos or compile a network
COMPILERS = ("gcc", "clang", "cc")  # that torch looks for, as Triton does
MOST_THREADS = 8  # of one batch of 64 images


def accelerator(images: bool, workers: Workers = ALONE, note: Callable[[str], None] | None = None) -> Fabric:
    """Returns the processes that train a network; `images`: it sees them. `note` gets a line about several processes.

    By default all visible GPUs for such a network, if there is one, else the CPU: a network without images is small,
    and trains there as fast, and to the same bits on every machine. A number of devices is that of GPUs, or of
    processes on the CPU where there is no GPU. Choose GPUs with CUDA_VISIBLE_DEVICES. Raises ValueError as
    `check_devices`.
    """
    check_devices(workers)
    gpus = torch.cuda.device_count()  # does not initialize CUDA, which could not be forked then
    on_gpus = gpus > 0 and (images or workers.devices is not None)
    count = workers.devices or (gpus if on_gpus else 1)
    if on_gpus:
        torch.set_float32_matmul_precision("high")  # TensorFloat-32 outside of the encoders
    kind = "cuda" if on_gpus else "cpu"
    if count == workers.nodes == 1:
        return Fabric(accelerator=kind, devices=1)
    if note is not None and not workers.local_rank:
        note(_described(count, on_gpus, workers))
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # says of each process that it has started
    logging.getLogger("torch.multiprocessing.spawn").setLevel(logging.ERROR)  # that it has ended; WorkerError says why
    return Fabric(accelerator=kind, devices=count, num_nodes=workers.nodes, strategy=_strategy(workers))


def _described(count: int, on_gpus: bool, workers: Workers) -> str:
    one, several = ("GPU", "GPUs") if on_gpus else ("CPU process", "CPU processes")
    text = f"pretraining on {count} {one if count == 1 else several}"
    if workers.nodes == 1:
        return text
    return (
        f"{text} of each of {workers.nodes} machines; number {workers.node_rank} waits up to {LONGEST_WAIT_S:.0f} s "
        f"for the others at {workers.address}:{workers.port}"
    )


def check_devices(workers: Workers) -> None:
    """Raises ValueError for more processes on this machine than it has GPUs, or cores if it has no GPU."""
    gpus, cores, wanted = torch.cuda.device_count(), len(os.sched_getaffinity(0)), workers.devices or 1
    if wanted > (gpus or cores):
        there = f"{gpus} GPUs are visible" if gpus else f"torch sees no GPU here, and may use {cores} cores"
        raise ValueError(f"--devices {wanted} is too many: {there}; give a smaller number, or check nvidia-smi")


def _strategy(workers: Workers) -> DDPStrategy:
    """Data-parallel training in processes that are forked here, so that they share the demonstrations in memory.

    torchrun has started its own.
    """
    limit = timedelta(seconds=LONGEST_WAIT_S)
    if workers.local_rank is not None:
        return DDPStrategy(cluster_environment=TorchElasticEnvironment(), timeout=limit)
    return DDPStrategy(cluster_environment=MeetingPoint(workers), timeout=limit, start_method="fork")


class MeetingPoint(LightningEnvironment):
    """The place where the processes of a command meet those of the same command on other machines.

    Named explicitly, as Fabric would take rank and address from a batch system or another program's variables, with
    which all forked processes have rank 0.
    """

    def __init__(self, workers: Workers):
        super().__init__()
        self._workers, self._port = workers, workers.port or find_free_network_port()

    @property
    def main_address(self) -> str:
        """Host name or address."""
        return self._workers.address

    @property
    def main_port(self) -> int:
        """TCP port."""
        return self._port

    def node_rank(self) -> int:
        """Number of this machine."""
        return self._workers.node_rank


def accelerate(fabric: Fabric, networks: Iterable[nn.Module]) -> None:
    """Changes convolutional networks in place: bfloat16 where fabric's device computes in it, compiled for a GPU.

    For convolutions only: positions in an image need more digits, and Fabric's own mixed precision rounds a module's
    inputs too: actions, noise and time. On a CPU compiling takes longer than it saves. A machine without a C compiler,
    which torch needs for a GPU, trains without compiling.
    """
    warnings.filterwarnings("ignore", message="Grad strides do not match bucket view")  # 1x1 kernels have two
    gpu = fabric.device.type == "cuda"
    for network in networks:
        if gpu or computes_bfloat16():
            setattr(network, "forward", _in_bfloat16(network.forward, fabric.device.type))  # noqa: B010
        if gpu and any(map(shutil.which, COMPILERS)):
            warnings.filterwarnings("ignore", module="torch._inductor")
            network.compile()


@contextmanager
def cores_for(fabric: Fabric, images: bool) -> Iterator[None]:
    """Computes on as many cores as help during the block. `images`: what is trained has convolutions.

    They take half of the time on two cores. One process uses all that it may, at most MOST_THREADS, or OMP_NUM_THREADS;
    several have Fabric's share for each. A GPU's process, and smaller networks, have one thread.
    """
    before = torch.get_num_threads()
    if fabric.world_size > 1:
        if not images or fabric.device.type != "cpu":
            torch.set_num_threads(1)
    elif images and fabric.device.type == "cpu" and "OMP_NUM_THREADS" not in os.environ:
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

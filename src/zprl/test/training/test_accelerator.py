"""What trains a network: GPUs or the CPU, how many, and on how many cores."""

import os
import shutil
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from zprl.training.accelerator import (
    MOST_THREADS,
    MeetingPoint,
    accelerate,
    accelerator,
    check_devices,
    cores_for,
)
from zprl.training.workers import Workers


def test_a_network_of_states_trains_on_one_cpu() -> None:
    fabric = accelerator(images=False)
    assert (fabric.device.type, fabric.world_size) == ("cpu", 1)


@pytest.mark.skipif(torch.cuda.device_count() > 0, reason="has a GPU")
def test_without_a_gpu_images_train_on_the_cpu_too() -> None:
    assert accelerator(images=True).device.type == "cpu"


@pytest.mark.parametrize(("gpus", "cores", "fits", "words"), [
    (2, 8, 2, "--devices 3 is too many: 2 GPUs are visible"),
    (0, 2, 2, "--devices 3 is too many: torch sees no GPU here, and may use 2 cores"),
])  # fmt: skip
def test_more_devices_than_there_are_is_refused(
    monkeypatch: pytest.MonkeyPatch, gpus: int, cores: int, fits: int, words: str
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(cores)))
    check_devices(Workers(fits))
    with pytest.raises(ValueError, match=words):
        check_devices(Workers(fits + 1))


def test_processes_are_numbered_across_machines_whatever_a_batch_system_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fabric takes rank and number of processes from Slurm's variables otherwise, for each forked process the same."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    for name, value in {"SLURM_NTASKS": "1", "SLURM_PROCID": "0", "NODE_RANK": "7", "MASTER_PORT": "1"}.items():
        monkeypatch.setenv(name, value)
    lines: list[str] = []
    fabric = accelerator(False, Workers(2, nodes=3, node_rank=2, address="10.0.0.1", port=29500), lines.append)
    assert (fabric.global_rank, fabric.world_size) == (4, 6)
    place = MeetingPoint(Workers(2, nodes=3, node_rank=2, address="10.0.0.1", port=29500))
    assert (place.main_address, place.main_port, place.node_rank()) == ("10.0.0.1", 29500, 2)
    assert lines == [
        "pretraining on 2 CPU processes of each of 3 machines; number 2 waits up to 600 s for the others at "
        "10.0.0.1:29500"
    ]
    assert MeetingPoint(Workers(2)).main_port not in (0, 1)


@pytest.mark.parametrize("compiler", ["", "/usr/bin/cc"])
def test_a_gpu_compiles_networks_where_there_is_a_compiler(compiler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's runtime has none, and torch would fail at the first batch."""
    monkeypatch.setattr(shutil, "which", lambda name: compiler if name == "cc" else None)
    gpu: Any = SimpleNamespace(device=torch.device("cuda"))
    network = torch.nn.Conv2d(3, 4, 3)
    accelerate(gpu, [network])
    assert (network._compiled_call_impl is not None) == bool(compiler)


@pytest.mark.parametrize("capable", [True, False])
def test_convolutions_compute_in_bfloat16_where_the_processor_does(
    capable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": capable})
    network, x = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3)), torch.randn(2, 3, 8, 8)
    names, exact = list(network.state_dict()), network(x)
    accelerate(accelerator(images=False), [network])
    found = network(x)
    assert list(network.state_dict()) == names and found.dtype == torch.float32
    assert torch.equal(found, exact) != capable
    torch.testing.assert_close(found, exact, atol=0.03, rtol=0.02)


def test_convolutions_use_every_core_unless_told_otherwise_and_what_follows_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = torch.get_num_threads()
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with cores_for(accelerator(images=False), images=True):
        assert torch.get_num_threads() == min(MOST_THREADS, len(os.sched_getaffinity(0)))
    assert torch.get_num_threads() == before
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with cores_for(accelerator(images=False), images=True):
        assert torch.get_num_threads() == before

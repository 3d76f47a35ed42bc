"""Training in several processes, which stand for several GPUs."""

import os
import subprocess
import sys

import pytest
import torch

from zprl.training.accelerator import MOST_THREADS, accelerate, accelerator, all_cores

PAIR = """
import numpy as np
import torch
from lightning_fabric import Fabric

from zprl.models.config import BaseConfig
from zprl.models.observation_batch import ObservationBatch
from zprl.training.accelerator import launched
from zprl.training.config import PretrainConfig
from zprl.training.demos import Demos
from zprl.training.pretrain import pretrain
from zprl_core.observation_spec import arm_observation

torch.set_num_threads(1)


def ranks(fabric, word):
    assert word == "given"
    return {"ranks": fabric.all_gather(torch.tensor(float(fabric.global_rank)))}


def pair():
    return Fabric(accelerator="cpu", devices=2, strategy="ddp_fork")


print("ranks", launched(pair(), ranks, "given")["ranks"].tolist())

spec = arm_observation(("cube",))
rng = np.random.default_rng(0)
states = rng.normal(size=(128, spec.state_size)).astype(np.float32)
demos = Demos(states, np.tile(np.tanh(states[:, :1]), (1, 5)), np.array([128]), "lift", 0, spec)
config = PretrainConfig(steps=500, batch=64, warmup=10)
one, two = (pretrain(demos, BaseConfig(spec, hidden=64), config, fabric=fabric) for fabric in (None, pair()))
for name, base in (("one", one), ("two", two)):
    chunks = base.chunk(base.embed(ObservationBatch(torch.from_numpy(states))).mu, torch.zeros(128, *base.chunk_shape))
    print(name, float((chunks[:, 0] - torch.from_numpy(demos.actions)).square().mean()))
"""


def test_a_network_of_states_trains_on_one_cpu() -> None:
    fabric = accelerator(images=False)
    assert (fabric.device.type, fabric.world_size) == ("cpu", 1)


@pytest.mark.skipif(torch.cuda.device_count() > 0, reason="has a GPU")
def test_without_a_gpu_images_train_on_the_cpu_too() -> None:
    assert accelerator(images=True).device.type == "cpu"


def test_two_processes_share_the_batch_and_the_first_one_returns_the_weights() -> None:
    done = subprocess.run([sys.executable, "-c", PAIR], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    words = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert words["ranks"] == "[0.0, 1.0]"
    errors = float(words["one"]), float(words["two"])
    assert max(errors) < 0.2 and errors[0] != errors[1], "the same skill from other draws"


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
    with all_cores(accelerator(images=False)):
        assert torch.get_num_threads() == min(MOST_THREADS, len(os.sched_getaffinity(0)))
    assert torch.get_num_threads() == before
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with all_cores(accelerator(images=False)):
        assert torch.get_num_threads() == before

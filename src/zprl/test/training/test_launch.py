"""Training in several processes, which stand for several GPUs: the same result, and none left when one fails."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAD = """
import os, signal, sys, time
import numpy as np
import torch

from zprl.models.config import BaseConfig
from zprl.training.accelerator import accelerator
from zprl.training.agreement import check_same
from zprl.training.config import PretrainConfig
from zprl.training.demos import Demos
from zprl.training.launch import WorkerError, launched
from zprl.training.pretrain import pretrain
from zprl.training.straighten import straightened
from zprl.training.windows import windows
from zprl.training.workers import Workers
from zprl_core.observation_spec import arm_observation

os.sched_getaffinity = lambda pid: {0, 1}
torch.set_num_threads(1)


def pair():
    return accelerator(False, Workers(2))
"""
SAME = """
spec = arm_observation(("cube",))
rng = np.random.default_rng(0)
states = rng.normal(size=(128, spec.state_size)).astype(np.float32)
demos = Demos(states, np.tile(np.tanh(states[:, :1]), (1, 5)), np.array([128]), "lift", 0, spec)
config = PretrainConfig(steps=100, batch=33, warmup=10)
found = []
for fabric in (accelerator, accelerator), (pair, pair):
    first, second = (make(False) if make is accelerator else make() for make in fabric)
    base = pretrain(demos, BaseConfig(spec, hidden=32), config, fabric=first)
    found.append(straightened(base, windows(demos, 16), 1, config, fabric=second).state_dict())
print(max(float((x - found[1][name]).abs().max()) for name, x in found[0].items()))
print(float(found[0]["z_rms"]), sum(not torch.equal(x, found[1][name]) for name, x in found[0].items()))
"""
SEEING = """
from zprl.models.vision_config import VisionConfig, VisionNetwork
from zprl.training import accelerator as module
from zprl_core.observation_spec import camera_observation

module.computes_bfloat16 = lambda: False  # which rounds the gradients of each process's rows
spec = camera_observation(("front", "wrist"))
rng = np.random.default_rng(0)
states = rng.normal(size=(20, spec.state_size)).astype(np.float32)
images = {stream.name: rng.integers(0, 256, (20, *stream.shape), dtype=np.uint8) for stream in spec.images}
demos = Demos(states, np.tile(np.tanh(states[:, :1]), (1, 5)), np.array([20]), "lift", 0, spec, images=images)
sizes = BaseConfig(spec, hidden=16, vision=VisionConfig(VisionNetwork.SMALL, 4))
config = PretrainConfig(steps=6, batch=5, warmup=1, ema=0.1)
one, two = (pretrain(demos, sizes, config, fabric=fabric).state_dict() for fabric in (accelerator(False), pair()))
print(max(float((x - two[name]).abs().max()) for name, x in one.items()))
print(float(one["z_rms"]), sum(not torch.equal(x, two[name]) for name, x in one.items()))
"""
FAILING = """
def train(fabric, how):
    both = fabric.all_reduce(torch.tensor(float(fabric.global_rank)), reduce_op="sum")
    if fabric.global_rank == 1:
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "refused":
            raise ValueError("a batch of stones")
        if how == "broken":
            raise KeyError("beta")
        check_same(fabric, how, torch.ones(2))
    os.write(1, f"pid {os.getpid()}\\n".encode())  # in one piece, as others write too
    check_same(fabric, how, torch.zeros(2))
    if how == "waits":
        time.sleep(600)
    fabric.barrier()


try:
    launched(pair(), train, sys.argv[1])
except (ValueError, WorkerError) as error:
    print(type(error).__name__, error)
"""


def program(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", HEAD + code, *arguments]


@pytest.mark.parametrize("code", [SAME, SEEING], ids=["states, straightened", "images, crops"])
def test_two_processes_make_the_same_base_as_one_from_a_batch_that_does_not_divide(code: str) -> None:
    done = subprocess.run(program(code), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    difference, other = done.stdout.splitlines()
    assert float(difference) < 1e-5
    z_rms, differing = other.split()
    assert float(z_rms) > 0.1 and int(differing) > 0, "the other order of the sums shows that there were two"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("killed", "WorkerError process 1 of pretraining: process 1 terminated with signal SIGKILL"),
        ("refused", "ValueError a batch of stones"),
        ("broken", "WorkerError process 1 of pretraining: KeyError: 'beta'"),
        ("other data", "ValueError process 1 of 2 has other demonstrations or settings than process 0; give"),
    ],
)
def test_a_process_that_fails_ends_the_others_and_says_why(how: str, words: str) -> None:
    done = subprocess.run(program(FAILING, how), capture_output=True, text=True, timeout=600)
    assert done.stdout.splitlines()[-1].startswith(words), done.stdout + done.stderr[-2000:]
    assert not any(alive(int(line.split()[1])) for line in done.stdout.splitlines() if line.startswith("pid"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_the_command(number: signal.Signals) -> None:
    code = FAILING.replace("        check_same(fabric, how, torch.ones(2))\n", "")
    command = subprocess.Popen(program(code, "waits"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert command.stdout is not None
    pids = [int(command.stdout.readline().split()[1]) for _ in range(2)]
    command.send_signal(number)
    command.stdout.read()  # until every process has closed it
    command.wait(timeout=600)
    for _ in range(600):  # a process closes its files before it has ended
        if not any(map(alive, pids)):
            return
        time.sleep(0.1)
    pytest.fail(f"of the processes {pids} one is left")


def alive(pid: int) -> bool:
    """Whether the process runs, and is not only waiting to be collected."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return bool(fields) and fields[0] not in "ZX"  # no fields: it ended while it was read

"""Pretraining in several processes, by the command line: on one machine, and as two machines would."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from zprl.checkpoints.run_folder import RunFolder
from zprl.training import accelerator
from zprl.training.demos import Demos
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.finetune import Finetune
from zprl_cli.pretrain import Pretrain
from zprl_core.action_spec import ActionSpec
from zprl_core.observation_spec import arm_observation

# The zprl command, with a few steps of pretraining and a batch that two processes cannot halve.
SHORT = """
from dataclasses import replace
from os import environ

from zprl_cli import main
from zprl_cli.recorded_base import RecordedBase
from zprl.training import accelerator
from zprl.training.config import PretrainConfig

accelerator.os.sched_getaffinity = lambda pid: {0, 1}
accelerator.LONGEST_WAIT_S = float(environ.get("LONGEST_WAIT_S", 600))
RecordedBase.recipe = property(lambda base: replace(base.usual, pretrain=PretrainConfig(steps=12, batch=9)))
main.main()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with demonstrations in `recorded`, others in `others`, and the command in `short.py`."""
    (tmp_path / "short.py").write_text(SHORT)
    for seed, name in enumerate(("recorded", "others")):
        spec, action, rng = arm_observation(("orange",)), ActionSpec(rate_hz=10.0), np.random.default_rng(seed)
        states = rng.uniform(-1, 1, (60, spec.state_size)).astype(np.float32)
        actions = np.tile(states[:, :1], (1, action.size))
        Demos(states, actions, np.array([20, 40, 60]), "place_orange", 0, spec, action).save(tmp_path / name)
    return tmp_path


def short(folder: Path, *arguments: str, module: tuple[str, ...] = (), **variables: str) -> "subprocess.Popen[str]":
    env = {**os.environ, "OMP_NUM_THREADS": "1", **variables}
    command = [sys.executable, *module, "short.py", "pretrain", "--demos", *arguments]
    return subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def node(folder: Path, rank: int, port: int, demos: str = "recorded", wait_s: int = 600) -> "subprocess.Popen[str]":
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "NODE_RANK": str(rank)}
    flags = "--devices", "1", "--nodes", "2", "--name", f"node{rank}"
    return short(folder, demos, *flags, LONGEST_WAIT_S=str(wait_s), **place)


def ended(process: "subprocess.Popen[str]", code: int = 0) -> tuple[str, str]:
    out, err = process.communicate(timeout=600)
    assert process.returncode == code, out + err
    return out, err


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def weights(folder: Path, name: str) -> dict[str, torch.Tensor]:
    return load_file(folder / "runs" / name / "base" / "base.safetensors")


def test_two_processes_two_machines_and_torchrun_make_the_base_of_one_process(folder: Path) -> None:
    one, _ = ended(short(folder, "recorded", "--name", "one"))
    two, said = ended(short(folder, "recorded", "--name", "two", "--devices", "2"))
    assert said.count("zprl: pretraining on 2 CPU processes\n") == 1 and said.count("pretrain:") == 1, said
    torchrun = "-m", "torch.distributed.run", "--nproc-per-node", "2"
    elastic, said = ended(short(folder, "recorded", "--name", "elastic", module=torchrun))
    assert said.count("zprl: pretraining on 2 CPU processes\n") == 1 and said.count("pretrain:") == 1, said
    port = free_port()
    first, second = node(folder, 0, port), node(folder, 1, port)
    leading, following = ended(first), ended(second)
    assert following[0] == "" and "number 1 waits up to 600 s for the others at 127.0.0.1" in following[1]
    assert sorted(path.name for path in (folder / "runs").iterdir()) == ["elastic", "node0", "one", "two"]
    expected, table = weights(folder, "one"), one.splitlines()[:-1]
    assert "episodes, which the base was not trained on" in table[0]
    for name, out in (("two", two), ("elastic", elastic), ("node0", leading[0])):
        found = weights(folder, name)
        assert all(torch.allclose(found[key], x, atol=1e-6) for key, x in expected.items())
        assert out.splitlines() == [*table, f"base policy: runs/{name}/base"]
        configs = [RunFolder(folder / "runs" / each).read("config") for each in (name, "one")]
        assert configs[0] is not None and configs[1] is not None
        assert configs[0]["settings"] == configs[1]["settings"] and configs[0]["numbers"] == configs[1]["numbers"]


def test_machines_with_other_demonstrations_end_with_the_reason(folder: Path) -> None:
    port = free_port()
    for process in (node(folder, 0, port), node(folder, 1, port, demos="others")):
        assert "zprl: process 1 of 2 has other demonstrations or settings than process 0" in ended(process, 2)[1]


@pytest.mark.parametrize(
    ("rank", "words"),
    [
        (0, "zprl: not all processes that pretrain together came in time; start the same command on every machine"),
        (1, "zprl: the first machine does not answer at MASTER_ADDR and MASTER_PORT; start the command there too"),
    ],
)
def test_a_machine_that_is_left_alone_says_so(folder: Path, rank: int, words: str) -> None:
    _, err = ended(node(folder, rank, free_port(), wait_s=3), 2)
    assert words in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Pretrain(devices=1, nodes=2), "several machines, and torchrun, need demonstrations that exist"),
        (Pretrain(devices=1, nodes=2, bags=Path("bags")), "give each machine zprl pretrain --demos FOLDER"),
        (Pretrain(devices=3), "--devices 3 is too many"),
        (Finetune(devices=3), "--devices 3 is too many"),
        (Finetune(RunOptions(), devices=2, base="other"), "--base names a base that is there; remove one of them"),
    ],
)
def test_what_several_processes_cannot_do_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Pretrain | Finetune, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(accelerator.os, "sched_getaffinity", lambda pid: {0, 1})
    for name, value in {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500", "NODE_RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=words):
        command.main()
    assert not list(tmp_path.iterdir())

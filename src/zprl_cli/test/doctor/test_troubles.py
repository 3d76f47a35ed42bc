"""Each trouble of a machine is found with the right remedy, and everything is green again without it.

A row: the trouble, how the doctor looks, and words of the finding and of the remedy.
"""

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from zprl_bringup.runner import ros_domain
from zprl_cli.doctor import dds, machine, surroundings
from zprl_cli.doctor.check import Finding, Verdict
from zprl_cli.doctor.machine import Gpu
from zprl_core.host.processes import this_process

GIB = 2**30


@dataclass(frozen=True)
class Trouble:
    """A trouble, and what the doctor must say about it. `break_it` and `mend` change a made-up machine."""

    look: Callable[[Path, Mapping[str, str]], Finding]
    broken: Mapping[str, str]  # environment; {here} is the test's folder
    verdict: Verdict
    found: str
    remedy: str
    mended: Mapping[str, str] = field(default_factory=lambda: {"HOME": "{here}"})
    break_it: Callable[[Path], None] = lambda here: None
    mend: Callable[[Path], None] = lambda here: None


def logs(here: Path, env: Mapping[str, str]) -> Finding:
    return surroundings.judge_logs(env)


def middleware(here: Path, env: Mapping[str, str]) -> Finding:
    return surroundings.judge_middleware({**os.environ, "RMW_IMPLEMENTATION": "", **env})


def domain(here: Path, env: Mapping[str, str]) -> Finding:
    try:
        with ros_domain.own_domain(env, here) as number:
            return dds.judge_domain(number, True, ())
    except ros_domain.GraphError as error:
        return dds.judge_busy(str(error))


def leave_lock(here: Path, started: int = this_process().started) -> None:
    """The lock of a graph of user 54321."""
    owner = dataclasses.replace(this_process(), started=started)
    (here / "zprl-ros-domain-7-54321.lock").write_text(json.dumps(dataclasses.asdict(owner)))


def gpu(here: Path, env: Mapping[str, str]) -> Finding:
    free = int(env.get("FREE", 8 * GIB))
    return machine.judge_gpu(Gpu("H100", "12.8", True, free, 80 * GIB, ("process 7 of user alice",)))


RED, YELLOW = Verdict.FAIL, Verdict.WARN
TROUBLES = {
    "no HOME": Trouble(logs, {}, YELLOW, "HOME is not set", "ROS_LOG_DIR"),
    "HOME is no folder": Trouble(logs, {"HOME": "/dev/null"}, YELLOW, "/dev/null/.ros/log is not wr", "ROS_LOG_DIR"),
    "RMW of another workspace": Trouble(
        middleware, {"RMW_IMPLEMENTATION": "rmw_elsewhere"}, RED, "another workspace", "unset RMW_IMPLEMENTATION"
    ),
    "another user's graph": Trouble(
        domain, {"ROS_DOMAIN_ID": "7"}, RED, "of user", "set ROS_DOMAIN_ID to another number",
        mended={"ROS_DOMAIN_ID": "7"}, break_it=leave_lock, mend=lambda here: leave_lock(here, 1),
    ),
    "another user fills the GPU": Trouble(
        gpu, {"FREE": str(GIB // 2)}, YELLOW, "process 7 of user alice", "preset efficient"
    ),
}  # fmt: skip


@pytest.mark.ros
@pytest.mark.parametrize("name", TROUBLES)
def test_a_trouble_is_found_with_its_remedy_and_is_gone_when_mended(name: str, tmp_path: Path) -> None:
    trouble = TROUBLES[name]
    trouble.break_it(tmp_path)
    finding = trouble.look(tmp_path, trouble.broken)
    assert (finding.verdict, trouble.found in finding.found, trouble.remedy in finding.remedy) == (
        trouble.verdict, True, True
    ), finding  # fmt: skip
    trouble.mend(tmp_path)
    env = {key: value.format(here=tmp_path) for key, value in trouble.mended.items()}
    assert trouble.look(tmp_path, env).verdict == Verdict.OK


def test_who_computes_on_the_gpu() -> None:
    here = this_process()
    assert machine.gpu_users((sys.executable, "-c", f"print({here.pid})")) == (str(here),)
    assert machine.gpu_users((sys.executable, "-c", "print(4194304)")) == (
        "process 4194304, which is not visible here",
    )
    assert machine.gpu_users((sys.executable, "-c", "raise SystemExit(9)")) == ()
    assert machine.gpu_users(("/no/such/nvidia-smi",)) == ()


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("no answer within 30 s", "end what keeps this machine busy"),
        ("RCLError: failed to initialize logging: rcutils_expand_user failed", "ROS_LOG_DIR"),
        ("[rcl]: Expected RMW implementation identifier of 'a' but instead found 'b'", "unset RMW_IMPLEMENTATION"),
        ("KeyError: 'beta'", "report"),
    ],
)
def test_two_nodes_that_did_not_run_have_the_remedy_of_their_cause(said: str, remedy: str) -> None:
    finding = dds.judge_trouble(said)
    assert finding.verdict == Verdict.FAIL and said in finding.found and remedy in finding.remedy
    assert ("busy" in finding.remedy) is said.startswith("no answer")

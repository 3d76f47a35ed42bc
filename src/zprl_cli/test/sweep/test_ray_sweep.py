"""A sweep on a real Ray cluster of one core: killed, taken up again, with a run that fails; and the same one by one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from foreign_package import foreign_package
from zprl.checkpoints.learner_checkpoint import load_counters
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl_cli.report.comparison import read_row
from zprl_cli.sweep.cluster import check_ray, check_reachable
from zprl_core.host.owned_lock import acquire

TASK = """
from dataclasses import replace
from zprl_sim.tasks.lift import LIFT_CUBE
short = replace(LIFT_CUBE.recipe, pretrain=replace(LIFT_CUBE.recipe.pretrain, steps=60))
SHORT_LIFT = replace(LIFT_CUBE, name="short_lift", recipe=short)
"""
COMMON = ("--env-steps", "600", "--eval-episodes", "3", "--demos", "4")
NAMES = ("short_lift-seed0", "short_lift-noise-seed0")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine on which a task whose base takes a second is installed."""
    package = foreign_package(
        tmp_path / "site", "short_tasks", "[zprl.tasks]\nshort_lift = short_tasks.task:SHORT_LIFT\n", {"task": TASK}
    )
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(package), *sys.path]), "OMP_NUM_THREADS": "1"}


def start(env: dict[str, str], *words: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "zprl_cli.main", *map(str, words)]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    said, errors = process.communicate(timeout=1200)
    return process.returncode, said + errors


def commands(runs: Path) -> Iterator[str]:
    """Return the processes of runs in that folder."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(runs) in line and "sweep" not in line.split():
            yield line


def rows(runs: Path) -> list[tuple[str, ...]]:
    folders = [RunFolder(runs / name) for name in NAMES]
    return [read_row(folder, load_counters(folder.actor).env_steps).cells for folder in folders]


@pytest.mark.slow
def test_a_killed_sweep_is_taken_up_again_and_gives_the_table_of_the_same_runs(
    tmp_path: Path, env: dict[str, str]
) -> None:
    pytest.importorskip("ray")
    runs = tmp_path / "swept"
    sweep = ("sweep", "--tasks", "short_lift", "--steers", "latent", "noise", *COMMON, "--cores", "1", "--runs", runs)
    killed = start(env, *sweep)
    episodes = runs / NAMES[0] / "metrics" / "episodes.csv"
    while not episodes.exists() or len(episodes.read_text().splitlines()) < 2:
        assert killed.poll() is None, ended(killed)
        time.sleep(0.1)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    while any(commands(runs)):  # they end without the driver
        time.sleep(0.2)

    (runs / NAMES[1]).mkdir(exist_ok=True)
    lock = acquire(runs / NAMES[1] / ".lock")
    assert lock is not None
    code, said = ended(start(env, *sweep))
    assert code == 1 and "1 of 2 runs failed" in said and f"{runs / NAMES[1]} is in use by" in said, said
    lock.close()
    code, said = ended(start(env, *sweep))
    assert code == 0 and f"{NAMES[1]}: finished" in said and f"{NAMES[0]}: finished" not in said, said
    table = said.partition("zprl: up to")[0]  # then stderr

    alone = tmp_path / "alone"
    for steer, base in (("latent", ()), ("noise", ("--base", NAMES[0]))):
        common = ("--in-process", "--task", "short_lift", "--steer", steer, *base, *COMMON, "--runs", alone)
        code, said = ended(start(env, "finetune", *common))
        assert code == 0, said
    assert rows(alone) == rows(runs)
    code, said = ended(start(env, "report", *NAMES, "--runs", alone, "--plot", tmp_path / "plot.png"))
    assert said.partition("plot: ")[0] == table


@pytest.mark.slow
def test_sigterm_ends_the_runs_with_a_checkpoint(tmp_path: Path, env: dict[str, str]) -> None:
    pytest.importorskip("ray")
    sweep = start(env, "sweep", "--tasks", "short_lift", *COMMON[2:], "--cores", "1", "--runs", tmp_path / "runs")
    run = RunFolder(tmp_path / "runs" / NAMES[0])
    episodes = run.metrics / "episodes.csv"
    while not episodes.exists() or len(episodes.read_text().splitlines()) < 2:
        assert sweep.poll() is None, ended(sweep)
        time.sleep(0.1)
    sweep.send_signal(signal.SIGTERM)
    code, said = ended(sweep)
    assert code == 130 and "run the same command again" in said and not any(commands(run.path.parent))
    assert load_counters(run.actor).env_steps > 0


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "host:name", "127.0.0.1:99999"])
def test_an_address_without_a_cluster_is_refused_at_once(address: str) -> None:
    with pytest.raises(RunError, match="no Ray cluster answers at"):
        check_reachable(address)


@pytest.mark.parametrize("address", [None, "auto"])
def test_without_a_host_there_is_nothing_to_reach(address: str | None) -> None:
    check_reachable(address)


def test_without_ray_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"pip install -r requirements-sweep.txt"):
        check_ray()

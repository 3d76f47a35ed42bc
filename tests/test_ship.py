"""The images, compose services and workflows name what exists, and keep the rules of their linters."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import tyro
import yaml

from source_files import ROOT
from zprl_cli.main import COMMANDS, FLAGS
from zprl_core.config.command_line import described_fields
from zprl_sim.tasks.catalog import task_names

DOCKER = ROOT / "docker"
DOCKERFILES = sorted(DOCKER.glob("*Dockerfile"))
COMPOSE = DOCKER / "compose.yaml"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
OURS = re.compile(r"(?<![\w./-])((?:docker|scripts|\.ci|\.github/scripts)/[\w./-]+\.\w+)")
VARIABLE = re.compile(r"\$\{\w+:-([^}]*)\}")


def compose() -> dict[str, Any]:
    """The services, with the defaults of variables and what YAML merges."""
    text = VARIABLE.sub(lambda match: match[1], COMPOSE.read_text())
    services: dict[str, Any] = yaml.safe_load(text)["services"]
    return services


def workflow(path: Path) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load(path.read_text())["jobs"]
    return jobs


def parsed(command: str) -> object:
    """The command line, read as zprl does."""
    program, *words = shlex.split(command)
    assert program == "zprl"
    return tyro.cli(COMMANDS, args=words, config=FLAGS, registry=described_fields())


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_dockerfile_keeps_the_rules(path: Path) -> None:
    ended = subprocess.run(["hadolint", str(path)], capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stdout


def test_hadolint_finds_something(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM debian:latest\nRUN cd /tmp\n")
    assert subprocess.run(["hadolint", str(bad)], capture_output=True, timeout=600).returncode == 1


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_compose_reads_its_file() -> None:
    ended = subprocess.run(
        ["docker-compose", "-f", str(COMPOSE), "config", "-q"], capture_output=True, text=True, timeout=600
    )
    assert ended.returncode == 0, ended.stderr


def test_every_service_has_one_profile() -> None:
    """None is started by mistake, above all none that drives a robot."""
    profiles = {name: service["profiles"] for name, service in compose().items()}
    assert profiles == {
        "sim": ["sim"],
        "gazebo": ["gazebo"],
        "robot": ["robot"],
        "learner": ["learner"],
        "learner-gpu": ["learner-gpu"],
        "rviz": ["tools"],
        "rqt": ["tools"],
    }


@pytest.mark.parametrize("name", ["sim", "robot", "learner", "learner-gpu"])
def test_command_of_a_service(name: str) -> None:
    parsed(compose()[name]["command"])


def test_parts_of_a_run_fit_each_other() -> None:
    """Robot and learner of compose are one run."""
    robot, learner = (compose()[name]["command"] for name in ("robot", "learner"))
    assert robot.replace("--only robot", "--only learner") == learner


def test_containers_of_one_machine_share_memory() -> None:
    """With the host's network DDS takes them for one machine, and messages go through a memory that they must share."""
    on_host = [service for service in compose().values() if service.get("network_mode") == "host"]
    assert on_host and all(service.get("ipc") == "host" for service in on_host)


def test_a_stop_waits_for_the_checkpoint() -> None:
    graces = {service["stop_grace_period"] for service in compose().values()}
    assert graces == {"60s"}  # Docker's default is 10 s, and the learner may take 20


def test_the_image_has_what_is_copied() -> None:
    """.dockerignore leaves everything out that it does not name."""
    named = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert [name for name in named if not (ROOT / name).exists()] == []
    needed = {word for path in DOCKERFILES for line in re.findall(r"^COPY (?!--from)(.+)", path.read_text(), re.M)
              for word in line.split()[:-1]} - {"."}  # fmt: skip
    needed |= {"setup.bash", "src", "ros2_ws/compat", "docker/entrypoint.sh", "docker/ros_entrypoint.sh"}
    assert needed <= set(named)


def test_runtime_libraries_are_those_of_the_setup() -> None:
    """The runtime stage has the libraries that scripts/system_packages.sh looks for, and no compiler."""
    wanted = set(re.findall(r"^need_library \S+ (\S+)", (ROOT / "scripts/system_packages.sh").read_text(), re.M))
    runtime = (DOCKER / "Dockerfile").read_text().partition("AS runtime")[2]
    assert len(wanted) == 3 and wanted <= set(runtime.split())
    assert not {"cmake", "gcc", "g++", "make"} & set(runtime.split())


@pytest.mark.parametrize("path", [*WORKFLOWS, *DOCKERFILES, COMPOSE], ids=lambda path: path.name)
def test_named_files_exist(path: Path) -> None:
    names = set(OURS.findall(path.read_text().replace("/opt/zprl/", "")))
    assert {name for name in names if not (ROOT / name).is_file()} == set()


def test_the_gazebo_image_has_its_controllers() -> None:
    """The package of each type in controllers.yaml, whose spawner fails without it."""
    text = (ROOT / "src/zprl_bringup/gazebo/controllers.yaml").read_text()
    packages = {match.replace("_", "-") for match in re.findall(r"type: (\w+)/", text)}
    packages = {name.replace("parallel-gripper-action-controller", "parallel-gripper-controller") for name in packages}
    installed = set(re.findall(r"ros-\$ROS_DISTRO-([\w-]+)", (DOCKER / "ros.Dockerfile").read_text()))
    assert len(packages) == 3 and packages <= installed


def test_nightly_runs_the_tasks() -> None:
    matrix = workflow(ROOT / ".github/workflows/nightly.yml")["finetune"]["strategy"]["matrix"]["task"]
    assert set(matrix) <= set(task_names())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_job_ends(path: Path) -> None:
    jobs = workflow(path)
    assert jobs
    assert [name for name, job in jobs.items() if "timeout-minutes" not in job] == []


def test_make_targets_of_workflows_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    used = {word for path in WORKFLOWS for word in re.findall(r"\bmake (\w+)", path.read_text())}
    assert used and used <= targets


def test_changelog_section(tmp_path: Path) -> None:
    """A release's notes are the section of its version."""
    (tmp_path / "scripts").mkdir()
    for name in ("changelog_section.sh", "common.sh"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts")
    (tmp_path / "CHANGELOG.md").write_text("# Log\n\n## [1.2.0]\n\n- new\n\n## [1.1.0]\n- old\n\n## [1.0.0]\n")

    def section(version: str) -> "subprocess.CompletedProcess[str]":
        command = ["bash", "scripts/changelog_section.sh", version]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert section("1.2.0").stdout.split() == ["-", "new"]
    assert section("1.1.0").stdout.split() == ["-", "old"]
    for without in ("1.0.0", "9.9"):
        assert section(without).returncode == 1 and "has no section" in section(without).stderr

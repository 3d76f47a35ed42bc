"""What a later phase of a run would refuse is refused before the first one, with its remedy."""

import json
import os
from pathlib import Path

import pytest

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.models.unet_config import Head
from zprl.models.vision_config import VisionNetwork
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.spec import Graph, GraphError, NodeSpec
from zprl_cli import evaluate, start_check
from zprl_cli.start_check import (
    check_name,
    check_results,
    check_start,
    disk_troubles,
    folder_troubles,
    needed_bytes,
    ros_troubles,
)
from zprl_core.obs import Obs

NOTHING = Graph(())


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace that has every node, and no middleware that is asked for."""
    monkeypatch.setattr(start_check, "check_built", lambda graph: None)
    for variable in ("RMW_IMPLEMENTATION", "ROS_DOMAIN_ID", "ROS_LOG_DIR", "ROS_SECURITY_ENABLE"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize("seed", [0, 100, 123, 2**31 - 1])
@pytest.mark.parametrize("in_process", [True, False])
@pytest.mark.usefixtures("built")
def test_a_run_that_can_start_says_what_it_may_write(
    seed: int, in_process: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check_start(RunOptions(seed=seed, in_process=in_process), RunFolder(tmp_path / "runs" / "x"))
    assert f"up to 0.08 GB in {tmp_path}/runs/x" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_all_troubles_are_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", "300")
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("ROS_LOG_DIR", str(file / "logs"))
    monkeypatch.setattr(start_check, "check_built", refused("no package zprl_msgs: make build"))
    with pytest.raises(RunError) as found:
        check_start(RunOptions(), RunFolder(file / "x"))
    lines = str(found.value).splitlines()
    assert len(lines) == 4 and "choose another --runs" in lines[0] and "make build" in lines[1]
    assert f"ROS_LOG_DIR={file}" in lines[2] and "ROS_DOMAIN_ID='300'" in lines[3]


def test_without_ros_nothing_of_ros_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_check, "check_built", refused("not built"))
    monkeypatch.setenv("ROS_DOMAIN_ID", "300")
    check_start(RunOptions(in_process=True), RunFolder(tmp_path / "x"))
    check_start(RunOptions(), RunFolder(tmp_path / "x"), finetunes=False)


def test_a_workspace_that_is_not_built_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROS_DOMAIN_ID", raising=False)
    graph = Graph((NodeSpec("zprl_absent", "absent_node", "absent", ""),))
    (trouble,) = ros_troubles(graph, {})
    assert "make build" in trouble


def test_a_foreign_middleware_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_check, "check_built", lambda graph: None)
    monkeypatch.setattr(start_check, "check_middleware", refused("unset RMW_IMPLEMENTATION"))
    assert list(ros_troubles(NOTHING, {})) == ["unset RMW_IMPLEMENTATION"]


@pytest.mark.usefixtures("built")
def test_a_busy_domain_is_found() -> None:
    with start_check.own_domain({}) as domain:
        (trouble,) = ros_troubles(NOTHING, {"ROS_DOMAIN_ID": str(domain)})
    assert f"ROS domain {domain} is busy" in trouble and str(os.getpid()) in trouble


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/tmp", "x" * 256, "a\nb"])
def test_a_name_that_is_no_folder_of_its_own_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="give another --name"):
        check_name(name)
    check_name("lift-seed0")


def test_images_of_demonstrations_need_room(tmp_path: Path) -> None:
    need = {obs: needed_bytes(RunOptions(obs=obs, demos=100), RunFolder(tmp_path)) for obs in Obs}
    assert need[Obs.IMAGES] - need[Obs.STATE] == pytest.approx(1.2 * 100 * 60 * 2 * 128 * 128 * 3)
    assert need[Obs.RGBD] - need[Obs.STATE] == pytest.approx(1.2 * 100 * 60 * 2 * 128 * 128 * 4)


def test_larger_networks_need_room(tmp_path: Path) -> None:
    options = RunOptions(obs=Obs.IMAGES), RunOptions(obs=Obs.IMAGES, vision=VisionNetwork.RESNET18, head=Head.UNET)
    small, large = (needed_bytes(each, RunFolder(tmp_path)) for each in options)
    assert large - small == pytest.approx(2 * 50e6 + 90e6)


def test_a_backbone_that_cannot_be_used_is_found_unless_the_base_is_there(tmp_path: Path) -> None:
    weights = str(tmp_path / "absent.pth")
    options = RunOptions(obs=Obs.IMAGES, vision=VisionNetwork.PRETRAINED, backbone=weights, in_process=True)
    run = RunFolder(tmp_path / "run")
    with pytest.raises(RunError, match=f"there is no file {weights}; give the weights of a ResNet18"):
        check_start(options, run)
    check_start(options, run, base_of=RunFolder(tmp_path / "other"))
    run.base.mkdir(parents=True)
    (run.base / "checkpoint.json").touch()
    check_start(options, run)


@pytest.mark.parametrize("in_process", [True, False])
def test_a_base_without_the_demonstrations_to_replay_is_refused(built: None, in_process: bool, tmp_path: Path) -> None:
    options = RunOptions(demo_share=0.25, in_process=in_process)
    own, other = RunFolder(tmp_path / "own"), RunFolder(tmp_path / "other")
    check_start(options, own)  # its base will have them
    other.base.mkdir(parents=True)
    metadata = {"format": 2, "sha256": {"base": ""}}
    (other.base / "checkpoint.json").write_text(json.dumps(metadata))
    with pytest.raises(RunError, match=rf"0.25 of each batch\), and {other.base} has none.*zprl pretrain"):
        check_start(options, own, base_of=other)
    with pytest.raises(RunError, match="otherwise set the share to 0"):
        check_start(options, other)
    check_start(RunOptions(in_process=True), own, base_of=other)
    metadata["sha256"] = {"base": "", "demonstrations": ""}
    (other.base / "checkpoint.json").write_text(json.dumps(metadata))
    check_start(options, own, base_of=other)


def test_what_a_run_needs_grows_with_its_steps_and_shrinks_with_what_it_has(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    short, long = (needed_bytes(RunOptions(env_steps=steps), folder) for steps in (8_000, 800_000))
    assert long - short == pytest.approx(2e3 * 792_000 / 4)
    assert needed_bytes(RunOptions(), folder, finetunes=False) < short
    (tmp_path / "record").write_bytes(bytes(1_000_000))
    assert needed_bytes(RunOptions(env_steps=8_000), folder) == pytest.approx(short - 1e6)


def test_a_disk_that_is_too_small_is_refused(tmp_path: Path) -> None:
    (trouble,) = disk_troubles(tmp_path, 3e9, 1e9)
    assert "may need 3.00 GB" in trouble and "1.00 GB free" in trouble and "--env-steps" in trouble
    assert list(disk_troubles(tmp_path, 1e9, 1e9)) == []


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    (trouble,) = folder_troubles(tmp_path / "runs" / "x")
    assert "choose another --runs" in trouble and list(folder_troubles(tmp_path / "new" / "x")) == []


def test_results_that_could_not_be_kept_are_refused_before_an_evaluation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    check_results(run)
    assert not (tmp_path / "evaluations").exists()
    (tmp_path / "evaluations").write_text("")
    monkeypatch.setattr(evaluate, "load_options", refused("an evaluation began"))
    with pytest.raises(RunError, match=f"would be kept in {tmp_path}/evaluations, which cannot be written; change its"):
        evaluate.Evaluate(str(tmp_path), base=True).main()
    (tmp_path / "evaluations").unlink()
    with pytest.raises(GraphError, match="an evaluation began"):
        evaluate.Evaluate(str(tmp_path), base=True).main()


def refused(why: str):  # type: ignore[no-untyped-def]
    def check(*args: object) -> None:
        raise GraphError(why)

    return check

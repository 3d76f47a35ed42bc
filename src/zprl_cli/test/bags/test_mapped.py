"""Bags that rosbags wrote, with other topics, rates and frame, and without metadata.yaml, as demonstrations."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from command_line import run_zprl
from foreign_bag import (
    BEGIN_NS,
    POSE,
    SPEED,
    TF,
    USUAL,
    T,
    actions,
    drafted,
    episode,
    header,
    mapping,
    pose,
    record,
    tool,
    transform,
)
from zprl.training.demos import Demos
from zprl_cli.bags.demos import Choice, demos_from_bags
from zprl_cli.bags.mapped import mapped_specs
from zprl_core.action_spec import PLANAR
from zprl_core.bags.bag_mapping import BagMapping, load_mapping
from zprl_core.bags.bag_reader import bag_file
from zprl_core.errors import RecordError
from zprl_core.ros.mapped_episode import MappedEpisode


def seen(at_s: float) -> Any:
    """The cube as a camera sees it that hangs 0.8 m above the cube and looks down, turned about x by half a turn."""
    place = T["geometry_msgs/msg/Point"](0.1, 0.0, 0.6)
    turn = T["geometry_msgs/msg/Quaternion"](1.0, 0.0, 0.0, 0.0)
    return T[POSE](header(at_s, "camera"), T["geometry_msgs/msg/Pose"](place, turn))


def test_poses_in_other_frames_are_transformed_by_the_tf_of_the_bag(tmp_path: Path) -> None:
    """The base frame has two names: the mapping's in the bag, and the spec's."""
    mount = transform("panda_link0", "camera", (0.4, 0.0, 0.8), (1.0, 0.0, 0.0, 0.0))
    topics = {**USUAL, "/vision/cube": (POSE, 10, seen)}
    record(tmp_path / "bags" / "with", {"/tf_static": (TF, 0.1, lambda _: mount), **topics})
    record(tmp_path / "without" / "bag", topics)
    map_file = mapping(tmp_path / "map.yaml")
    found = episode(tmp_path / "bags", map_file)
    assert found.verdict.problems == () and len(found.steps) > 30
    cube_pose = found.steps[5].observation.objects["cube"]
    assert cube_pose.position == pytest.approx((0.5, 0.0, 0.2), abs=1e-9)
    (why,) = episode(tmp_path / "without", map_file).verdict.problems
    assert "is in frame 'camera', the policy expects 'fr3_link0', and tf cannot transform it" in why


def test_the_next_measured_pose_is_the_target_at_the_rate_of_the_actions(tmp_path: Path) -> None:
    record(tmp_path / "bags" / "a", USUAL)
    found = episode(tmp_path / "bags", mapping(tmp_path / "map.yaml", "closed_below_m: 0.06"))
    assert found.verdict.problems == () and 36 <= len(found.steps) <= 40
    moves = actions(found)
    assert moves[:, 0] == pytest.approx(SPEED / 20 / 0.02, abs=0.03) and moves[:, 1:4] == pytest.approx(0.0, abs=1e-6)
    assert set(moves[:, 4]) == {1.0, -1.0} and moves[0, 4] == 1.0 and moves[-1, 4] == -1.0
    assert found.info is not None and (found.info.task, found.info.label) == ("lift", "success")


def test_without_a_threshold_the_measured_width_is_the_target(tmp_path: Path) -> None:
    record(tmp_path / "bags" / "a", USUAL)
    assert actions(episode(tmp_path / "bags", mapping(tmp_path / "map.yaml")))[-1, 4] == pytest.approx(0.0)  # 4 cm


def test_commands_are_the_targets_where_they_were_recorded(tmp_path: Path) -> None:
    def ahead(at_s: float) -> Any:
        return pose(at_s, 0.4 + SPEED * at_s + 0.01, (1.0, 0.0, 0.0, 0.0))

    record(tmp_path / "bags" / "a", {**USUAL, "/goal": (POSE, 50, ahead)})
    moves = actions(episode(tmp_path / "bags", mapping(tmp_path / "map.yaml", "commands: {tool: /goal}")))
    assert moves[:, 0] == pytest.approx((SPEED / 20 + 0.01) / 0.02, abs=0.07)


def test_a_command_before_the_first_transform_is_no_command(tmp_path: Path) -> None:
    """Commands are in a camera's frame, whose transform comes after half a second."""
    mount = transform("panda_link0", "camera", (0.4, 0.0, 0.8), (1.0, 0.0, 0.0, 0.0))

    def commanded(at_s: float) -> Any:
        place = T["geometry_msgs/msg/Point"](0.05 + SPEED * at_s, 0.0, 0.6)
        turn = T["geometry_msgs/msg/Quaternion"](0.0, 0.0, 0.0, 1.0)  # down, as the camera looks down
        return T[POSE](header(at_s, "camera"), T["geometry_msgs/msg/Pose"](place, turn))

    topics = {**USUAL, "/target": (POSE, 20, commanded), "/tf_static": (TF, 2, lambda _: mount)}
    record(tmp_path / "bags" / "a", topics, hole=(0.0, 0.45), of="/tf_static")
    found = episode(tmp_path / "bags", mapping(tmp_path / "map.yaml", "commands:", "  tool: /target"))
    assert found.steps and min(step.stamp_ns for step in found.steps) >= BEGIN_NS + 400_000_000
    assert found.steps[3].targets[""].pose.position[2] == pytest.approx(0.2, abs=1e-9)


def test_pauses_are_left_out_and_a_hole_is_a_gap(tmp_path: Path) -> None:
    def stop_and_go(at_s: float) -> Any:
        return pose(at_s, 0.4 + SPEED * (min(at_s, 0.5) + max(0.0, at_s - 1.5)), (1.0, 0.0, 0.0, 0.0))

    record(tmp_path / "bags" / "a", {**USUAL, "/panda/ee": (POSE, 100, stop_and_go)})
    found = episode(tmp_path / "bags", mapping(tmp_path / "map.yaml", "closed_below_m: 0.06"))
    assert found.verdict.problems == () and 18 <= len(found.steps) <= 26  # one second of two, and the gripper closes
    record(tmp_path / "torn" / "a", USUAL, hole=(0.8, 1.4))
    missing, gap = episode(tmp_path / "torn", mapping(tmp_path / "map.yaml")).verdict.problems
    assert "control steps are missing" in missing and gap.startswith("1 gaps, the longest of 0.")
    assert 0.35 < float(gap.split()[-2]) < 0.6  # the last sample before the hole is fresh for 0.2 s


def test_commands_that_stop_are_no_targets_any_more(tmp_path: Path) -> None:
    record(tmp_path / "bags" / "a", {**USUAL, "/goal": (POSE, 50, tool)}, hole=(0.3, 9.0), of="/goal")
    found = episode(tmp_path / "bags", mapping(tmp_path / "map.yaml", "commands: {tool: /goal}"))
    assert len(found.steps) < 20 and any("without a command" in problem for problem in found.verdict.problems)


def test_two_streams_do_not_share_a_topic_of_poses(tmp_path: Path) -> None:
    record(tmp_path / "bags" / "a", {name: x for name, x in USUAL.items() if name != "/vision/cube"})
    text = drafted(tmp_path, "state")
    assert "  cube: ''    # the bag has no other geometry_msgs/msg/PoseStamped" in text
    named = {"tool": "/panda/ee", "width": "/panda/gripper", "cube": "/panda/ee"}
    with pytest.raises(ValueError, match="topics has /panda/ee for two streams"):
        episode(tmp_path / "bags", mapping(tmp_path / "map.yaml", topics=named))


def test_a_gripper_that_nothing_tells_of_is_refused(tmp_path: Path) -> None:
    spec, _ = mapped_specs(load_mapping(mapping(tmp_path / "map.yaml")))
    blind = replace(spec, streams=tuple(stream for stream in spec.streams if stream.name != "width"))
    file = bag_file(record(tmp_path / "bags" / "a", USUAL))
    chosen = BagMapping("lift", {"tool": "/panda/ee", "cube": "/vision/cube"}, frame="panda_link0")
    with pytest.raises(RecordError, match="tells what the gripper did: its width is no stream"):
        MappedEpisode(file, chosen, blind, PLANAR)


def test_a_draft_names_the_likely_topics_and_the_others(tmp_path: Path) -> None:
    record(tmp_path / "bags" / "a", USUAL)
    text = drafted(tmp_path, "state")
    assert "  width: /panda/gripper\n" in text and "  cube: /vision/cube    # or /panda/ee\n" in text
    found = load_mapping(tmp_path / "draft.yaml")
    assert found.frame == "panda_link0" and set(found.topics) == {"tool", "width", "cube"}


def test_the_commands_check_and_refuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record(tmp_path / "bags" / "a", USUAL)
    map_file = mapping(tmp_path / "map.yaml")
    assert run_zprl(monkeypatch, "bags", "check", tmp_path / "bags", "--map", map_file) == 0
    assert "usable" in capsys.readouterr().out
    assert run_zprl(monkeypatch, "bags", "map", tmp_path / "bags" / "a", "--out", map_file) == 2
    assert "map.yaml exists; give another --out" in capsys.readouterr().err
    assert run_zprl(monkeypatch, "pretrain", "--map", map_file) == 2
    assert "--labels, --map, --from and --corrections are for --bags" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("topics", "why"),
    [
        ({"tool": "/panda/tcp"}, "has no topic /panda/tcp for tool; it has /panda/ee, /panda/gripper, /vision/cube"),
        ({"width": "/panda/ee"}, "/panda/ee is a geometry_msgs/msg/PoseStamped, width needs a sensor_msgs/msg/JointS"),
    ],
)
def test_a_bag_that_does_not_fit_is_left_out_with_the_reason(tmp_path: Path, topics: dict[str, str], why: str) -> None:
    record(tmp_path / "bags" / "a", USUAL)
    named = {"tool": "/panda/ee", "width": "/panda/gripper", "cube": "/vision/cube", **topics}
    (problem,) = episode(tmp_path / "bags", mapping(tmp_path / "map.yaml", topics=named)).verdict.problems
    assert why in problem


@pytest.mark.parametrize("to", ["robomimic", "lerobot"])
def test_mapped_bags_go_to_other_tools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], to: str
) -> None:
    record(tmp_path / "bags" / "a", USUAL)
    record(tmp_path / "bags" / "torn", USUAL, hole=(0.8, 1.4))
    map_file, out = mapping(tmp_path / "map.yaml", "closed_below_m: 0.06"), tmp_path / "export"
    assert run_zprl(monkeypatch, "bags", "export", tmp_path / "bags", "--out", out, "--to", to, "--map", map_file) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"{out}: 1 demonstrations, ") and said[0].endswith("; 1 bags left out")
    assert said[2].startswith("torn") and "1 gaps" in said[2]
    assert run_zprl(monkeypatch, "bags", "import", out, "--out", tmp_path / "demos") == 0
    demos, _ = demos_from_bags(tmp_path / "bags", Choice(mapping=load_mapping(map_file)), tmp_path / "videos")
    assert np.abs(Demos.load(tmp_path / "demos").actions - demos.actions).max() < 1e-5


def test_poses_in_an_unknown_frame_give_the_reason(tmp_path: Path) -> None:
    record(tmp_path / "bags" / "a", USUAL)
    map_file = mapping(tmp_path / "map.yaml")
    map_file.write_text(map_file.read_text().replace("frame: panda_link0", "frame: world"))
    (problem,) = episode(tmp_path / "bags", map_file).verdict.problems
    assert "no two control steps" in problem and "is in frame 'panda_link0', the policy expects 'fr3_link0'" in problem


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has no settings"),
        ("like: lift", "topics is missing"),
        ("like: lift\ntopics: [a]", "topics must have a topic for each stream"),
        ("like: lift\ntopics: {tool: /a}\nlabel: good", "label is good; write success, failure or timeout"),
        ("like: lift\ntopics: {tool: ''}", "tool has no topic"),
        ("like: lift\ntopics: {tool: /a}\nrate: 3", "there is no setting rate; known are"),
        ("like: lift\ntopics: {tool: /a}\nobs: sounds", "obs is sounds; write state or images"),
        ("like: lift\ntopics: {tool: /a}\nclosed_below_m: wide", "closed_below_m is wide; write a width in meters"),
        ("like: lift\ntopics: {tool: /a}\ntopics: {tool: /b}", "occurs twice"),
        ("like: 3\ntopics: {tool: /a}", "like is 3; write it in quotes"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "map.yaml").write_text(text)
    with pytest.raises(ValueError, match=r"the mapping .*map\.yaml cannot be used: ") as refused:
        load_mapping(tmp_path / "map.yaml")
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("more", "topics", "why"),
    [
        ((), {"tool": "/a"}, "topics lacks cube, width, which lift observes"),
        ((), {"tool": "/a", "width": "/b", "cube": "/c", "lid": "/d"}, "topics has lid, which lift does not observe"),
        (("commands: {cube: /a}",), None, "commands has cube; known are tool, width"),
    ],
)
def test_a_mapping_must_fit_its_spec(tmp_path: Path, more: tuple[str, ...], topics: Any, why: str) -> None:
    record(tmp_path / "bags" / "a", USUAL)
    with pytest.raises(ValueError, match=why):
        episode(tmp_path / "bags", mapping(tmp_path / "map.yaml", *more, topics=topics))

"""The path of an arm, as it is read from the bag of an episode."""

import json
from pathlib import Path

import pytest
import yaml

pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from path_bag import path_bag
from zprl_core.bags.bag_metadata import NAME
from zprl_core.errors import RecordError
from zprl_core.observation import Pose
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, camera_stream
from zprl_episodes.playback.playable_bag import playable
from zprl_episodes.ros.bag_path import path_in

JOINTS_ONLY = StreamSpec("joints", "joint_states", StreamKind.JOINTS, (1,), "rad", joints=("fr3_joint1",))
PLACES = tuple(Pose((0.4 + 0.01 * k, 0.0, 0.2)) for k in range(11))
WIDTHS = (0.08,) * 6 + (0.04,) * 5


def changed(bag: Path, **custom: str) -> Path:
    """Change what metadata.yaml says of the episode."""
    found = yaml.safe_load((bag / NAME).read_text())
    found["rosbag2_bagfile_information"]["custom_data"] |= custom
    (bag / NAME).write_text(yaml.safe_dump(found))
    return bag


def test_the_targets_are_those_that_were_executed_until_the_next_state(tmp_path: Path) -> None:
    arm, path = path_in(path_bag(tmp_path / "bag", PLACES, WIDTHS))
    assert (arm.arm, arm.frame) == ("", "fr3_link0")
    assert path.times == pytest.approx([0.05 * k for k in range(10)])
    assert [pose.position for pose in path.measured] == [pytest.approx(place.position) for place in PLACES[:10]]
    assert [t.pose.position for t in path.targets] == [pytest.approx(place.position) for place in PLACES[1:]]
    assert [t.width for t in path.targets] == list(WIDTHS[1:])


@pytest.mark.parametrize("stream", [camera_stream("front"), JOINTS_ONLY])
def test_the_measured_tool_is_read_whatever_the_policy_observes(stream: StreamSpec, tmp_path: Path) -> None:
    """The commands are one step ahead of it. Streams that the player does not need are not read: here none exist."""
    bag = path_bag(tmp_path / "bag", PLACES, WIDTHS)
    found = yaml.safe_load((bag / NAME).read_text())["rosbag2_bagfile_information"]["custom_data"]
    configuration = json.loads(found["configuration"]) | {"observation": ObservationSpec((stream,)).to_json()}
    _, path = path_in(changed(bag, configuration=json.dumps(configuration)))
    assert [pose.position for pose in path.measured] == [pytest.approx(place.position) for place in PLACES[:10]]
    assert [t.pose.position for t in path.targets] == [pytest.approx(place.position) for place in PLACES[1:]]


def test_a_bag_without_the_measured_tool_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zprl_core.topic_names.CURRENT_POSE", "arm/other_pose")
    with pytest.raises(ValueError, match="cannot be played, as it has no arm/other_pose"):
        path_in(path_bag(tmp_path / "bag", PLACES, WIDTHS))


def test_a_bag_that_is_cut_off_is_refused_with_the_remedy(tmp_path: Path) -> None:
    bag = path_bag(tmp_path / "bag", PLACES, WIDTHS)
    (bag / NAME).unlink()
    with pytest.raises(RecordError, match=f"cannot be played, as it is cut off; zprl bags repair {bag}"):
        path_in(bag)


def test_what_is_no_episode_of_one_arm_by_its_tool_is_refused(tmp_path: Path) -> None:
    bag = path_bag(tmp_path / "bag", PLACES, WIDTHS)
    with pytest.raises(RecordError, match="is no bag; give the folder of one"):
        playable(tmp_path / "none")
    joints = path_bag(tmp_path / "joints", PLACES, WIDTHS, "lift_in_joints")
    with pytest.raises(ValueError, match="one arm is moved by its tool, and the bag has arm by its joints"):
        playable(joints)
    two = path_bag(tmp_path / "two", PLACES, WIDTHS, "two_arm_lift")
    with pytest.raises(ValueError, match="the bag has left by its tool, right by its tool"):
        playable(two)
    with pytest.raises(ValueError, match="cannot be played: its metadata has no ended_ns"):
        playable(changed(bag, ended_ns=""))
    with pytest.raises(ValueError, match="its configuration cannot be read"):
        playable(changed(bag, configuration=json.dumps({})))


def test_an_episode_without_commands_is_refused(tmp_path: Path) -> None:
    bag = path_bag(tmp_path / "bag", PLACES[:1], WIDTHS[:1])
    with pytest.raises(ValueError, match="has no control step with a command; zprl bags check"):
        path_in(bag)

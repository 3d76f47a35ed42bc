"""Pictures with tool poses: what is kept, what is refused, and the node that does it."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from board_images import BOARD, looks, take
from zprl_core.geometry import from_rpy
from zprl_hardware.calibration.pose_recorder import POSES, PoseRecorder
from zprl_hardware.cameras.calibration_file import CalibrationError, load_poses

TOOL = from_rpy((0.4, 0.1, 0.3, 3.0, 0.1, 0.2))


def test_pairs_are_written_and_counted_on(tmp_path: Path) -> None:
    for number in range(2):
        recording = PoseRecorder(tmp_path, BOARD)
        recording.see(take(looks(1)[0]), 10.0)
        recording.feel(TOOL, 10.0)
        assert recording.take(10.1) == f"{number:03d}.png"
    poses = load_poses(tmp_path / POSES)
    assert sorted(poses) == sorted(p.name for p in tmp_path.glob("*.png")) == ["000.png", "001.png"]
    np.testing.assert_allclose(poses["001.png"], TOOL, atol=1e-9)


def test_a_bad_pair_that_was_deleted_costs_no_good_one(tmp_path: Path) -> None:
    recording = PoseRecorder(tmp_path, BOARD)

    def take_pair(shade: int) -> str:
        recording.see(np.minimum(take(looks(1)[0]), shade).astype(np.uint8), 10.0)
        recording.feel(TOOL, 10.0)
        return recording.take(10.1)

    assert [take_pair(shade) for shade in (255, 254, 253)] == ["000.png", "001.png", "002.png"]
    last = (tmp_path / "002.png").read_bytes()
    (tmp_path / "001.png").unlink()  # by hand, while the node runs
    poses = yaml.safe_load((tmp_path / POSES).read_text())
    del poses["001.png"]
    (tmp_path / POSES).write_text(yaml.safe_dump(poses))
    assert take_pair(252) == "001.png"
    assert take_pair(251) == "003.png" and (tmp_path / "002.png").read_bytes() == last
    (tmp_path / "000.png").unlink()  # its pose stays: the number is not free
    (tmp_path / "004.png").write_bytes(b"somebody's")
    assert take_pair(250) == "005.png"
    assert sorted(load_poses(tmp_path / POSES)) == [f"{i:03d}.png" for i in (0, 1, 2, 3, 5)]


def test_what_is_no_pair_is_not_written(tmp_path: Path) -> None:
    recording, board = PoseRecorder(tmp_path, BOARD), take(looks(1)[0])
    with pytest.raises(CalibrationError, match="no image received"):
        recording.take(10.0)
    recording.see(board, 10.0)
    with pytest.raises(CalibrationError, match="no tool pose received"):
        recording.take(10.0)
    recording.feel(from_rpy((0.405, 0.1, 0.3, 3.0, 0.1, 0.2)), 9.9)
    recording.feel(TOOL, 10.0)
    with pytest.raises(CalibrationError, match=r"the tool moves: 5\.0 mm within 0\.5 s"):
        recording.take(10.0)
    recording.feel(TOOL, 10.4)
    with pytest.raises(CalibrationError, match="no image received"):
        recording.take(10.6)
    recording.see(np.full_like(board, 90), 10.6)
    with pytest.raises(CalibrationError, match="the board is not visible"):
        recording.take(10.6)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.ros
def test_the_node_takes_a_pair(tmp_path: Path) -> None:
    rclpy = pytest.importorskip("rclpy")
    from geometry_msgs.msg import PoseStamped
    from sensor_msgs.msg import Image
    from std_srvs.srv import Trigger

    from listener import Listener, start_node, stop_node
    from zprl_hardware.ros.camera_messages import color_message, make_header

    assert rclpy is not None
    domain = 70 + os.getpid() % 10
    process = start_node(domain, ["-m", "zprl_hardware.ros.pose_recorder_node"], f"folder:={tmp_path}")
    lab = Listener(domain)
    images = lab.node.create_publisher(Image, "camera/front/color/image_raw", 1)
    tools = lab.node.create_publisher(PoseStamped, "arm/current_pose", 10)
    image = color_message(take(looks(1)[0]), make_header("front_color_optical_frame", 0))
    tool = PoseStamped()
    tool.pose.position.x, tool.pose.orientation.x, tool.pose.orientation.w = 0.4, 1.0, 0.0
    answer: Any = None

    def taken() -> bool:
        nonlocal answer
        images.publish(image)
        tools.publish(tool)
        if answer is not None and answer.done() and answer.result().success:
            return True
        if answer is None or answer.done():
            answer = client.call_async(Trigger.Request())
        return False

    try:
        client = lab.client("camera_record/take", Trigger)
        lab.until(taken)
        assert answer.result().message == f"{tmp_path}/000.png; 1 pairs in poses.yaml"
        assert load_poses(tmp_path / POSES)["000.png"][0, 3] == 0.4
    finally:
        code = stop_node(process)
        lab.close()
    assert code == 0

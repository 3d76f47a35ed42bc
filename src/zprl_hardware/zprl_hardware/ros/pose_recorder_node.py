"""Records images of a ChArUco board with the tool's pose, one pair per call of camera_record/take."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
from geometry_msgs.msg import PoseStamped
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image
from std_srvs.srv import Trigger

from zprl_core.geometry import matrix_from
from zprl_core.ros import parameters, services, topics
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_hardware.calibration.charuco import BoardSettings
from zprl_hardware.calibration.pose_recorder import POSES, PoseRecorder
from zprl_hardware.cameras.calibration_file import CalibrationError


@dataclass(frozen=True)
class RecordSettings:
    """Parameters of the node; field names are parameter names."""

    name: Annotated[str, "name of the camera whose images are recorded"] = "front"
    folder: Annotated[str, "folder that images and poses are written to"] = "calibration"
    board: BoardSettings = field(default_factory=BoardSettings)


class PoseRecorderNode(ManagedNode):
    """Callbacks keep the newest image and pose; the service writes a pair."""

    def __init__(self) -> None:
        super().__init__("camera_record")
        parameters.declare(self, RecordSettings())

    def configure(self) -> None:
        settings = parameters.read(self, RecordSettings, RecordSettings())
        self._recording = PoseRecorder(Path(settings.folder), settings.board)
        topics.COLOR_IMAGE.of(settings.name).subscribe(self, self._on_image, QoSProfile(depth=1))
        topics.CURRENT_POSE.subscribe(self, self._on_pose)
        services.CAMERA_RECORD_TAKE.serve(self, self._on_take)

    def _on_image(self, m: Image) -> None:
        if m.encoding != "rgb8":
            self.get_logger().error(f"images are {m.encoding}, expected rgb8", throttle_duration_sec=5.0)
            return
        picture = np.frombuffer(m.data, np.uint8).reshape(m.height, m.step)[:, : 3 * m.width]
        self._recording.see(picture.reshape(m.height, m.width, 3), time.monotonic())

    def _on_pose(self, m: PoseStamped) -> None:
        p, q = m.pose.position, m.pose.orientation
        try:
            self._recording.feel(matrix_from((p.x, p.y, p.z), (q.x, q.y, q.z, q.w)), time.monotonic())
        except ValueError as error:
            self.get_logger().error(f"{topics.CURRENT_POSE.name}: {error}", throttle_duration_sec=5.0)

    def _on_take(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        try:
            name = self._recording.take(time.monotonic())
        except CalibrationError as error:
            response.message = str(error)
            return response
        response.success = True
        response.message = f"{self._recording.folder / name}; {len(self._recording.poses)} pairs in {POSES}"
        return response

    def health(self) -> tuple[str, dict[str, object]]:
        return "", {"pairs": len(self._recording.poses), "folder": self._recording.folder}


def main() -> None:
    """Entry point."""
    run(PoseRecorderNode)


if __name__ == "__main__":
    main()

"""The camera node publishes a RealSense, found by serial number, or any camera that OpenCV opens.

A thread grabs, the main thread publishes, a third one spins. A camera that is missing, silent or frozen is reopened
until it works; no old image is published meanwhile.
"""

import threading
from collections.abc import Callable

from rclpy.exceptions import InvalidParameterTypeException

from zprl_core.errors import USER_ERROR
from zprl_core.ros import parameters
from zprl_core.ros.managed_node import WorkingNode, run_threaded
from zprl_hardware.cameras.calibration_file import load_calibration
from zprl_hardware.cameras.camera import CameraSettings, Optics, Source
from zprl_hardware.cameras.factory import make_source
from zprl_hardware.cameras.grabber import Grabber
from zprl_hardware.ros.camera_publishers import Publishers

WAIT_S = 0.1


class CameraNode(WorkingNode):
    """Node of one camera; tests pass their own `make_source`."""

    def __init__(self, make_source: Callable[[CameraSettings], Source] = make_source) -> None:
        super().__init__("camera")
        self._make_source = make_source
        self._grabber: Grabber | None = None
        self._told = ""
        self._wrong = ""
        try:
            parameters.declare(self, CameraSettings())
        except InvalidParameterTypeException as error:  # a serial of digits is parsed as a number
            self._wrong = f"{error}; write a serial as serial:=_123 and a fraction as 1.0"

    def configure(self) -> None:
        if self._wrong:
            raise ValueError(self._wrong)
        settings = parameters.read(self, CameraSettings, CameraSettings())
        calibration = load_calibration(settings)
        source = self._make_source(settings)
        self._optics = Optics()
        self._outputs = Publishers(self, settings, calibration)
        self._outputs.learn(self._optics)
        self._grabber = Grabber(source, settings)
        self._grabber.start()

    def work(self, stop: threading.Event) -> None:
        """Publish each new frame; log when the camera is lost and recovered."""
        while not stop.is_set():
            grabber = self._grabber
            if grabber is None:  # not configured yet
                stop.wait(WAIT_S)
                continue
            frame = grabber.wait(WAIT_S)
            self._log_health(grabber)
            if grabber.refused:
                raise SystemExit(USER_ERROR)
            with self.turn:
                if frame is None or not self.active or grabber is not self._grabber:
                    continue
                if grabber.optics is not self._optics:
                    self._optics = grabber.optics
                    self._outputs.learn(self._optics)
                self._outputs.publish(frame)

    def close(self) -> None:
        if self._grabber is not None:
            self._grabber.stop()
            self._grabber = None

    def health(self) -> tuple[str, dict[str, object]]:
        if self._grabber is None:
            return "not configured", {}
        h = self._grabber.health()
        return h.trouble, {
            "rate_hz": round(h.rate_hz, 2),
            "age_s": round(h.age_s, 3),
            "frozen": h.frozen,
            "frames": h.frames,
            "reconnects": h.reconnects,
        }

    def _log_health(self, grabber: Grabber) -> None:
        """Log the camera's problem when it changes."""
        problem = grabber.health().trouble
        if problem == self._told:
            return
        self._told = problem
        if grabber.refused:
            self.get_logger().fatal(problem)
        elif problem:
            self.get_logger().warning(problem, throttle_duration_sec=1.0)
        else:
            self.get_logger().info("the camera delivers images")


def main() -> None:
    """Entry point."""
    run_threaded(CameraNode)


if __name__ == "__main__":
    main()

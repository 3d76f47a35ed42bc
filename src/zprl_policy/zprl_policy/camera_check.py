"""Compares the cameras of a robot with those that its base was trained with. No ROS."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from zprl_core.geometry import Matrix
from zprl_core.streams.camera_model import CameraModel, moved_by

PATIENCE_S = 5.0  # how long camera_info and mount may be missing once the camera's images arrive
REMEDY = "mount it as it was, calibrate it again, or pretrain with this camera"


@dataclass(frozen=True)
class Sighting:
    """The state of a camera as its robot publishes it."""

    lens: CameraModel | None = None  # intrinsics of its newest camera_info, without pose
    fault: str = ""  # why there is no lens
    pose: Matrix | None = None  # (4, 4) of its optical frame, in the frame in which the base knows it
    pose_fault: str = ""  # why there is no pose


@dataclass(frozen=True)
class Finding:
    """The result of comparing a camera with the base's."""

    text: str = ""  # what to log; "" for a camera like the base's
    moved_px: float | None = None  # in pixels of the base's images; None: cannot be compared
    moved: bool = False  # by more than the limit

    def repeats(self, other: "Finding", limit_px: float) -> bool:
        """Returns True if the difference from another finding is not worth a message."""
        if self.moved and other.moved:
            a, b = self.moved_px or 0.0, other.moved_px or 0.0
            return a == b or abs(a - b) <= limit_px  # both may be infinite
        return self.text == other.text


def compare(name: str, expected: CameraModel, sighting: Sighting, limit_px: float) -> Finding:
    """Compares a camera with the base's; without a pose only their intrinsics."""
    if sighting.lens is None:
        return Finding(f"camera {name} cannot be compared with the base's: {sighting.fault}")
    found, mount = sighting.lens, ""
    if sighting.pose is not None and expected.frame:
        found = found.mounted(expected.frame, sighting.pose)
        elsewhere = replace(expected, position=found.position, turn=found.turn)
        mount = f", its mount {_pixels(moved_by(expected, elsewhere))}"
    px = moved_by(expected, found)
    if px > limit_px:
        height, width = expected.size
        lens = _pixels(moved_by(expected, sighting.lens))
        sees = f"{_pixels(px)} away from where the base's camera saw it" if math.isfinite(px) else "from another side"
        return Finding(
            f"camera {name} sees the scene {sees} (limit {limit_px:g} px of {width}x{height} images; its lens accounts "
            f"for {lens}{mount}): {REMEDY}",
            px,
            True,
        )
    if expected.frame and sighting.pose is None:
        return Finding(f"only the lens of camera {name} is compared with the base's: {sighting.pose_fault}", px)
    return Finding("", px)


class CameraCheck:
    """The cameras that a base knows, and how those of the robot compare with them."""

    def __init__(self, expected: Mapping[str, CameraModel], limit_px: float):
        self.expected, self._limit_px = dict(expected), limit_px
        self._since_s: dict[str, float] = {}  # first sign of each camera
        self._logged: dict[str, Finding] = {}
        self._newest: dict[str, Finding] = {}

    def look(self, name: str, sighting: Sighting, has_images: bool, now_s: float) -> str:
        """Compares one camera. Returns what to log, once for each change; "" otherwise.

        `now_s` is of a steady clock. What is missing is reported after PATIENCE_S.
        """
        complete = sighting.lens is not None and (sighting.pose is not None or not self.expected[name].frame)
        if not (complete or sighting.lens or has_images):
            return ""
        if not complete and now_s - self._since_s.setdefault(name, now_s) < PATIENCE_S:
            return ""
        new = self._newest[name] = compare(name, self.expected[name], sighting, self._limit_px)
        old = self._logged.get(name, Finding())
        if new.repeats(old, self._limit_px):
            return ""
        self._logged[name] = new
        return new.text or f"camera {name} sees the scene as the base's camera did"

    @property
    def problem(self) -> str:
        """The cameras that another lens or mount has moved; "" if none has."""
        return "; ".join(finding.text for finding in self._newest.values() if finding.moved)

    def health(self) -> dict[str, object]:
        """Returns how far each camera's image has moved, for /diagnostics."""
        return {f"camera {name} moved [px]": _moved(self._newest.get(name)) for name in self.expected}


def _moved(finding: Finding | None) -> str:
    if finding is None or finding.moved_px is None:
        return "unknown" if finding is None else "not calibrated"
    return f"{finding.moved_px:.1f}" + ("" if finding.moved or not finding.text else " (lens only)")


def _pixels(px: float) -> str:
    return f"{px:.1f} px" if math.isfinite(px) else "all of it"

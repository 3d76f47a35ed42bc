"""`python -m zprl_hardware.calibration.cli`: calibrate a camera with a ChArUco board, from images or live."""

import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import tyro

from zprl_core.config.command_line import described_fields
from zprl_core.geometry import Matrix, from_rpy, inverse
from zprl_core.waiting import Waiting
from zprl_hardware.calibration.board_search import why_not_found
from zprl_hardware.calibration.charuco import BoardSettings, Finder, View, board_in_camera, draw, solve_intrinsics
from zprl_hardware.calibration.hand_eye import GOOD_MM, MOST_DEG, MOST_MM, Where, solve, worst
from zprl_hardware.calibration.hand_eye import HandEye as Solution
from zprl_hardware.calibration.images import find_views, moved, pictures_in, read, write
from zprl_hardware.cameras.calibration_file import Calibration, CalibrationError, Mount, load, load_poses, save
from zprl_hardware.cameras.camera import CameraLost, CameraSettings
from zprl_hardware.cameras.camera import Intrinsics as Pinhole
from zprl_hardware.cameras.factory import make_source

PROGRAM = "python -m zprl_hardware.calibration.cli"
GOOD_PX = 1.0  # a larger reprojection error is reported
OF_MOUNT = ("pairs", "spread_mm", "spread_deg", "pose_rms_px")  # keys of `made` that describe the mount
SILENT_S = 5.0  # time without the board after which the reason is shown
START_S = 10.0  # deadline for the first image of a live camera


@dataclass(frozen=True)
class Draw:
    """Draw the board as an image to print."""

    out: Annotated[Path, tyro.conf.Positional]
    """Image to write, for example board.png"""
    board: BoardSettings = field(default_factory=BoardSettings)
    square_px: int = 300
    """Pixels of a square's side"""

    def main(self) -> None:
        picture = draw(self.board, self.square_px, margin_px=self.square_px // 4)
        write(self.out, np.repeat(picture[:, :, None], 3, axis=2))
        dpi = self.square_px / self.board.square_m * 0.0254
        print(f"{self.out}: print it at {dpi:.0f} dpi, then measure a square and give it as --board.square-m")


@dataclass(frozen=True)
class Capture:
    """Take images of the board with a live camera; keep only those that show it at a new place."""

    folder: Annotated[Path, tyro.conf.Positional]
    """Folder for the images"""
    camera: Annotated[CameraSettings, tyro.conf.arg(name="")] = field(default_factory=CameraSettings)
    board: BoardSettings = field(default_factory=BoardSettings)
    count: int = 20
    """Images to take"""
    every_s: float = 1.0
    """Time between two images"""

    def main(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if there := pictures_in(self.folder):
            hint = "choose a new folder, or move them away"
            raise CalibrationError(f"{self.folder} holds {len(there)} images, which would be overwritten: {hint}")
        finder, source, kept = Finder(self.board), make_source(self.camera), list[View]()
        try:
            source.open()
            due, deadline, waiting = time.monotonic(), time.monotonic() + START_S, Waiting()
            while len(kept) < self.count:
                frame = source.read()
                if frame is None:
                    if time.monotonic() > deadline:
                        raise CameraLost(f"no image for {START_S:.0f} s; check its cable, and that no program has it")
                    _say(waiting.message("an image of the camera", f"it ends after {START_S:g} s", time.monotonic()))
                    continue
                deadline = time.monotonic() + START_S
                if time.monotonic() < due:
                    continue
                view = finder.find(frame.color)
                if view is None and time.monotonic() > due + SILENT_S:
                    due = time.monotonic()
                    print(f"{len(kept)}/{self.count}: {why_not_found(frame.color, self.board)}", flush=True)
                still = view is not None and not all(moved(view, old) for old in kept[-1:])
                what = f"image {len(kept) + 1} of {self.count} with the board at another place" if still else ""
                _say(waiting.message(what, "move or tilt the board", time.monotonic()))
                if view is not None and not still:
                    due = time.monotonic() + self.every_s
                    kept.append(view)
                    write(self.folder / f"{len(kept) - 1:03d}.png", frame.color)
                    print(f"{len(kept)}/{self.count}: {len(view.pixels)} corners", flush=True)
        finally:
            source.close()


@dataclass(frozen=True)
class Intrinsics:
    """Estimate focal length, center and distortion from images of the board: near, far, tilted, and in all corners."""

    folder: Annotated[Path, tyro.conf.Positional]
    """Folder with the images"""
    out: Path
    """Calibration file of this camera; a mount that was found with other intrinsics is dropped"""
    camera: str = "front"
    """Name of the camera"""
    board: BoardSettings = field(default_factory=BoardSettings)

    def main(self) -> None:
        old = _known(self.out, self.camera)
        views = find_views(self.folder, self.board)
        found, error = solve_intrinsics(views)
        if old.mount and old.intrinsics and not _same(old.intrinsics, found):
            old = _without_mount(old, self.out)
        made = {**old.made, "views": len(views), "rms_px": round(error, 4)}
        save(self.out, replace(old, intrinsics=found, made=made))
        print(f"{self.out}: fx {found.fx:.1f} fy {found.fy:.1f} cx {found.cx:.1f} cy {found.cy:.1f}")
        _judge(error)


@dataclass(frozen=True)
class Pose:
    """Estimate the camera's pose from one image of a board whose pose in the robot's base was measured."""

    picture: Annotated[Path, tyro.conf.Positional]
    """Image of the board"""
    out: Path
    """Calibration file; its intrinsics are used"""
    board_pose: tuple[float, float, float, float, float, float]
    """Pose of the board's frame in the parent: x y z [m], roll pitch yaw [rad] (Rz Ry Rx); z points into the board"""
    parent: str = "fr3_link0"
    """Frame of `board_pose`"""
    board: BoardSettings = field(default_factory=BoardSettings)

    def main(self) -> None:
        old = load(self.out)
        picture = read(self.picture)
        view = Finder(self.board).find(picture, self.picture.name)
        if view is None:
            raise CalibrationError(f"{self.picture}: {why_not_found(picture, self.board)}")
        seen, error = board_in_camera(view, _intrinsics(old, self.out))
        base = from_rpy(self.board_pose)
        mount = Mount.at(self.parent, base @ inverse(seen))
        save(self.out, replace(old, mount=mount, made={**old.made, "pose_rms_px": round(error, 4)}))
        print(f"{self.out}: at {np.round(mount.position, 4).tolist()} in {self.parent}")
        _judge(error)


@dataclass(frozen=True)
class HandEye:
    """Estimate the camera's pose from images of the board taken at recorded tool poses."""

    folder: Annotated[Path, tyro.conf.Positional]
    """Folder with the images"""
    out: Path
    """Calibration file; its intrinsics are used"""
    poses: Path
    """YAML file: image name to the tool's position [m] and quaternion x y z w in the robot's base"""
    where: Where = Where.BASE
    """BASE: the camera is fixed and the tool holds the board; TOOL: the other way round"""
    parent: str = ""
    """Frame of the camera's pose; empty: fr3_link0 for BASE, fr3_hand_tcp for TOOL"""
    board: BoardSettings = field(default_factory=BoardSettings)

    def main(self) -> None:
        old, poses = load(self.out), load_poses(self.poses)
        views = [v for v in find_views(self.folder, self.board) if v.name in poses]
        seen = [board_in_camera(v, _intrinsics(old, self.out))[0] for v in views]
        found = self._agreed([v.name for v in views], [poses[v.name] for v in views], seen)
        parent = self.parent or ("fr3_link0" if self.where is Where.BASE else "fr3_hand_tcp")
        mount = Mount.at(parent, found.camera)
        made = {"pairs": len(views), "spread_mm": round(found.spread_mm, 3), "spread_deg": round(found.spread_deg, 4)}
        save(self.out, replace(old, mount=mount, made={**old.made, **made}))
        print(f"{self.out}: at {np.round(mount.position, 4).tolist()} in {parent}, from {len(views)} pairs")
        print(f"the board's pose spreads by {found.spread_mm:.2f} mm and {found.spread_deg:.3f} degrees (RMS)")

    def _agreed(self, names: list[str], tools: list[Matrix], seen: list[Matrix]) -> Solution:
        """The solution. Raises CalibrationError when the pairs contradict each other."""
        found = solve(self.where, tools, seen)
        if found.usable and found.spread_mm <= GOOD_MM:
            return found
        number, rest = worst(self.where, tools, seen)
        blame = (
            f"the worst pair is {names[number]}, without it {rest.spread_mm:.1f} mm and {rest.spread_deg:.2f} degrees"
        )
        if found.usable:
            print(f"warning: a spread of more than {GOOD_MM:g} mm; {blame}", file=sys.stderr)
            return found
        raise CalibrationError(
            f"not saved: the board's pose spreads by {found.spread_mm:.1f} mm and {found.spread_deg:.2f} degrees, at "
            f"most {MOST_MM:g} mm and {MOST_DEG:g} degrees are accepted; {blame}: remove it from {self.poses}. If "
            "that does not help, check --where, the board's size, and that images and poses match"
        )


Command = Annotated[
    Annotated[Draw, tyro.conf.subcommand("draw")]
    | Annotated[Capture, tyro.conf.subcommand("capture")]
    | Annotated[Intrinsics, tyro.conf.subcommand("intrinsics")]
    | Annotated[Pose, tyro.conf.subcommand("pose")]
    | Annotated[HandEye, tyro.conf.subcommand("hand-eye")],
    tyro.conf.OmitSubcommandPrefixes,
]


def main(args: list[str] | None = None) -> None:
    """Entry point. User errors print one line and exit with code 2."""
    try:
        tyro.cli(Command, prog=PROGRAM, args=args, description=__doc__, registry=described_fields()).main()
    except (ValueError, OSError, cv2.error) as error:
        print(f"calibrate: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _say(words: str) -> None:
    if words:
        print(words, flush=True)


def _known(path: Path, camera: str) -> Calibration:
    if not path.exists():
        return Calibration(camera)
    old = load(path)
    if old.camera != camera:
        raise CalibrationError(f"{path} is for camera {old.camera}: give --camera {old.camera}, or a new file as --out")
    return old


def _same(a: Pinhole, b: Pinhole) -> bool:
    """True if both are from the same images, up to OpenCV's varying order of summation."""
    return bool(np.allclose([*a.k.ravel(), *a.distortion], [*b.k.ravel(), *b.distortion], rtol=0.0, atol=1e-3))


def _without_mount(old: Calibration, path: Path) -> Calibration:
    """Drop a mount that was found with other intrinsics, with a warning."""
    assert old.mount is not None
    at = f"{np.round(old.mount.position, 4).tolist()} in {old.mount.parent}"
    again = "find it again (hand-eye or pose)"
    print(
        f"warning: {path}: the mount at {at} was found with the old intrinsics and is dropped; {again}",
        file=sys.stderr,
    )
    return replace(old, mount=None, made={k: v for k, v in old.made.items() if k not in OF_MOUNT})


def _intrinsics(calibration: Calibration, path: Path) -> Pinhole:
    if calibration.intrinsics is None:
        raise CalibrationError(f"{path}: it has no intrinsics yet; run the subcommand intrinsics first")
    return calibration.intrinsics


def _judge(error: float) -> None:
    hint = "" if error < GOOD_PX else f"; more than {GOOD_PX:g} px: check the board's size and that it lies flat"
    print(f"reprojection error {error:.3f} px (RMS){hint}")


if __name__ == "__main__":
    main()

"""Records images of a board with tool poses in a folder, as hand-eye calibration reads them."""

from collections import deque
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import yaml

from zprl_core.geometry import Matrix, angle, inverse, position_from, quaternion_from
from zprl_hardware.calibration.board_search import why_not_found
from zprl_hardware.calibration.charuco import BoardSettings, Finder
from zprl_hardware.cameras.calibration_file import CalibrationError, load_poses
from zprl_hardware.cameras.camera import Color

POSES = "poses.yaml"
STILL_S = 0.5  # the tool must have been at rest for this long
STILL_M, STILL_RAD = 0.001, 0.005
STALE_S = 0.5


class PoseRecorder:
    """Keeps the newest image and the recent tool poses; `take` writes a pair. Times are of one clock [s]."""

    def __init__(self, folder: Path, board: BoardSettings):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self._board, self._finder = folder, board, Finder(board)
        self.poses = self._known()
        self._picture: tuple[float, Color] | None = None
        self._tools: deque[tuple[float, Matrix]] = deque(maxlen=1000)

    def see(self, picture: Color, now_s: float) -> None:
        """Store the newest image, (h, w, 3) RGB."""
        self._picture = now_s, picture

    def feel(self, tool: Matrix, now_s: float) -> None:
        """Store the newest tool pose, in the robot's base."""
        self._tools.append((now_s, tool))

    def take(self, now_s: float) -> str:
        """Write the newest image and pose. Returns the image's name. Raises CalibrationError with the reason."""
        if self._picture is None or now_s - self._picture[0] > STALE_S:
            raise CalibrationError("no image received; start the camera node")
        tool = self._standing(now_s)
        view = self._finder.find(self._picture[1])
        if view is None:
            raise CalibrationError(why_not_found(self._picture[1], self._board))
        self.poses = self._known()  # bad pairs may have been deleted
        name = next(name for i in count() if not self._taken(name := f"{i:03d}.png"))
        if not cv2.imwrite(str(self.folder / name), cv2.cvtColor(self._picture[1], cv2.COLOR_RGB2BGR)):
            raise CalibrationError(f"{self.folder / name} cannot be written")
        self.poses[name] = tool
        self._write()
        return name

    def _known(self) -> dict[str, Matrix]:
        return load_poses(self.folder / POSES) if (self.folder / POSES).exists() else {}

    def _taken(self, name: str) -> bool:
        return name in self.poses or (self.folder / name).exists()

    def _standing(self, now_s: float) -> Matrix:
        """The tool's pose, if it is at rest."""
        late = [tool for at_s, tool in self._tools if now_s - at_s < STILL_S]
        if not late:
            raise CalibrationError("no tool pose received; start the arm node")
        newest = late[-1]
        moved = max(float(np.linalg.norm(t[:3, 3] - newest[:3, 3])) for t in late)
        turned = max(angle(inverse(newest) @ t) for t in late)
        if moved > STILL_M or turned > STILL_RAD:
            raise CalibrationError(f"the tool moves: {moved * 1e3:.1f} mm within {STILL_S:g} s; wait until it rests")
        return newest

    def _write(self) -> None:
        document = {
            name: {"position": list(position_from(tool)), "quaternion": list(quaternion_from(tool))}
            for name, tool in self.poses.items()
        }
        partial = self.folder / f"{POSES}.tmp"
        partial.write_text(yaml.safe_dump(document, default_flow_style=None))
        partial.replace(self.folder / POSES)

"""Pictures of a ChArUco board as a pinhole camera would take them, and where the camera was."""

import math

import cv2
import numpy as np

from zprl_core.geometry import Matrix, angle, from_rpy, inverse
from zprl_hardware.calibration.charuco import BoardSettings, draw
from zprl_hardware.calibration.hand_eye import Where
from zprl_hardware.cameras.camera import Color, Intrinsics

BOARD = BoardSettings(squares_x=7, squares_y=5, square_m=0.04, marker_m=0.03)
CAMERA = Intrinsics(640, 480, 600.0, 605.0, 322.0, 238.0)
SQUARE_PX = 60
FINER = 2  # supersampling
CAMERA_IN_BASE = from_rpy((1.1, 0.2, 0.6, -2.0, 0.1, 1.5))
BOARD_IN_TOOL = from_rpy((0.02, -0.05, 0.03, 0.1, -0.2, 0.3))
CAMERA_IN_TOOL = from_rpy((0.05, 0.0, -0.06, 0.05, 0.1, -1.5))
BOARD_IN_BASE = from_rpy((0.45, 0.1, 0.0, math.pi, 0.0, 0.2))


def take(board_in_camera: Matrix, camera: Intrinsics = CAMERA, board: BoardSettings = BOARD) -> Color:
    """The board on grey, (h, w, 3) RGB. Pixel centres are at whole numbers, as OpenCV counts them."""
    metre = board.square_m / SQUARE_PX
    to_board = np.array([[metre, 0.0, metre / 2], [0.0, metre, metre / 2], [0.0, 0.0, 1.0]])
    plane = camera.k @ board_in_camera[:3, [0, 1, 3]] @ to_board
    finer = np.array([[FINER, 0.0, (FINER - 1) / 2], [0.0, FINER, (FINER - 1) / 2], [0.0, 0.0, 1.0]])
    size = (camera.width * FINER, camera.height * FINER)
    large = cv2.warpPerspective(draw(board, SQUARE_PX), finer @ plane, size, flags=cv2.INTER_AREA, borderValue=128)
    grey = cv2.resize(large, (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def looks(count: int, seed: int = 0) -> list[Matrix]:
    """Poses of the board before the camera, tilted by up to 0.5 rad and 0.4 to 0.6 m away."""
    rng = np.random.default_rng(seed)
    middle = np.eye(4)
    middle[:3, 3] = [-BOARD.squares_x * BOARD.square_m / 2, -BOARD.squares_y * BOARD.square_m / 2, 0.0]
    poses = []
    for _ in range(count):
        x, y, z = rng.uniform((-0.06, -0.05, 0.4), (0.06, 0.05, 0.6))
        roll, pitch, yaw = rng.uniform(-0.5, 0.5, 3)
        poses.append(from_rpy((x, y, z, roll, pitch, yaw)) @ middle)
    return poses


def distance_mm(a: Matrix, b: Matrix) -> float:
    return float(np.linalg.norm(a[:3, 3] - b[:3, 3]) * 1e3)


def degrees(a: Matrix, b: Matrix) -> float:
    return math.degrees(angle(inverse(a) @ b))


def tools_and_boards(where: Where, seen: list[Matrix]) -> list[Matrix]:
    """Tool poses in the base at which the camera sees the board at `seen`."""
    if where is Where.BASE:
        return [CAMERA_IN_BASE @ b @ inverse(BOARD_IN_TOOL) for b in seen]
    return [BOARD_IN_BASE @ inverse(b) @ inverse(CAMERA_IN_TOOL) for b in seen]

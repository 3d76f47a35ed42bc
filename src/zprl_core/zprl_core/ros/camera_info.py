"""Reads the intrinsics of a camera from its camera_info."""

from sensor_msgs.msg import CameraInfo

from zprl_core.errors import quoted
from zprl_core.streams.camera_model import CameraModel

MODELS = ("plumb_bob", "rational_polynomial")  # those of OpenCV's coefficients


def camera_from(info: CameraInfo) -> CameraModel:
    """Returns the camera of the images that belong to `info`, without its pose.

    Binning and region of interest are taken into account. Raises ValueError when the camera is not calibrated, or has
    another model of distortion than plumb_bob and rational_polynomial.
    """
    fx, _, cx, _, fy, cy = info.k[:6]
    if fx == 0.0:
        raise ValueError("it is not calibrated (K of its camera_info is 0); calibrate it")
    roi, across, down = info.roi, info.binning_x or 1, info.binning_y or 1  # 0 means 1
    size = (roi.height or info.height) // down, (roi.width or info.width) // across
    center = (cx - roi.x_offset + 0.5) / across - 0.5, (cy - roi.y_offset + 0.5) / down - 0.5
    focal, lens = (float(fx / across), float(fy / down)), tuple(map(float, info.d))
    if any(lens) and info.distortion_model not in MODELS:
        raise ValueError(
            f"its lens has distortion model {quoted(info.distortion_model)!r}, known are {', '.join(MODELS)}; rectify "
            f"its images, or calibrate it with one of these"
        )
    return CameraModel(size, focal, (float(center[0]), float(center[1])), distortion=lens if any(lens) else ())

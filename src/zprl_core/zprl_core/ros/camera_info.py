"""Reads the intrinsics of a camera from its camera_info."""

from sensor_msgs.msg import CameraInfo

from zprl_core.streams.camera_model import CameraModel


def camera_from(info: CameraInfo) -> CameraModel:
    """Returns the camera of the images that belong to `info`, without its pose. Lens distortion is not represented.

    Binning and region of interest are taken into account. Raises ValueError when the camera is not calibrated.
    """
    fx, _, cx, _, fy, cy = info.k[:6]
    if fx == 0.0:
        raise ValueError("it is not calibrated (K of its camera_info is 0); calibrate it")
    roi, across, down = info.roi, info.binning_x or 1, info.binning_y or 1  # 0 means 1
    size = (roi.height or info.height) // down, (roi.width or info.width) // across
    center = (cx - roi.x_offset + 0.5) / across - 0.5, (cy - roi.y_offset + 0.5) / down - 0.5
    return CameraModel(size, (float(fx / across), float(fy / down)), (float(center[0]), float(center[1])))

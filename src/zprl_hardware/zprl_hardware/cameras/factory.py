"""Selects the driver for a camera's settings."""

from zprl_hardware.cameras.camera import CameraRefused, CameraSettings, Source


def make_source(settings: CameraSettings) -> Source:
    """Make the camera, not yet open. Raises CameraRefused when its driver is not installed."""
    if settings.device:
        from zprl_hardware.cameras.v4l2 import V4l2

        return V4l2(settings)
    try:
        from zprl_hardware.cameras.realsense import RealSense
    except ImportError as error:
        hint = "install it and Debian's libusb-1.0-0, or set device for another camera"
        raise CameraRefused(f"pyrealsense2 does not load ({error}); {hint}") from error
    return RealSense(settings)

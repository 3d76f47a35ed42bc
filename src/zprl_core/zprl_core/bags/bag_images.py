"""The forms in which a bag keeps images."""

from enum import Enum

JPEG_QUALITY = 90  # by default, of 100
MOST_PIXELS = 1 << 24  # of an image that is decoded
CRF = 20  # by default, of H.264; lower is better, and larger


class BagImages(str, Enum):
    """The form in which a recorder keeps the images of a bag."""

    RAW = "raw"  # as published
    PNG = "png"  # without loss
    JPEG = "jpeg"  # with the loss of its quality; depth as PNG
    H264 = "h264"  # color as video, with the loss of its rate factor; gray, depth and odd sizes as PNG

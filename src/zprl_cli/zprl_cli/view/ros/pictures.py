"""Images of bags as a viewer shows them."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sensor_msgs.msg import CompressedImage, Image

from zprl_core.ros.compressed_images import decoded
from zprl_core.ros.conversions import rows_from
from zprl_core.ros.samples import DEPTHS, image_from


def picture_of(message: Image | CompressedImage) -> npt.NDArray[Any]:
    """Returns (h, w, 3) RGB or (h, w, 1) gray pixels, or of depth the distances (h, w) of float32 [m].

    Raises ValueError for a damaged image, or one of another encoding.
    """
    image = decoded(message) if isinstance(message, CompressedImage) else message
    if image.encoding not in DEPTHS:
        return image_from(image)
    kind, unit_m = DEPTHS[image.encoding]
    pixel = np.dtype((">" if image.is_bigendian else "<") + kind)
    rows = np.ascontiguousarray(rows_from(image, pixel.itemsize)).view(pixel)
    return rows.reshape(image.height, image.width).astype(np.float32) * np.float32(unit_m)

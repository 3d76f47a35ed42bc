"""Depth as pixels of one byte, which demonstrations, videos and encoders handle like those of a camera.

0 is no measurement, 1 the nearest distance of a range and 255 the farthest. Between them the pixels are linear: in a
range of 1 m, a step is 3.9 mm. Special values are those of REP 118.
"""

import numpy as np
import numpy.typing as npt

NONE, NEAREST, FARTHEST = 0, 1, 255


def depth_pixels(distance_m: npt.NDArray[np.float32], near_m: float, far_m: float) -> npt.NDArray[np.uint8]:
    """Returns pixels of the same shape for distances [m].

    Nearer ones than `near_m` (or -inf: too near to measure) become 1, farther ones than `far_m` (or inf: nothing within
    reach) 255. NaN, 0 and negative numbers are no measurement.
    """
    measured = (distance_m > 0.0) | np.isneginf(distance_m)
    share = (np.clip(np.where(measured, distance_m, near_m), near_m, far_m) - near_m) / (far_m - near_m)
    pixels = NEAREST + np.rint(share * (FARTHEST - NEAREST))
    return np.where(measured, pixels, NONE).astype(np.uint8)


def distances_m(pixels: npt.NDArray[np.uint8], near_m: float, far_m: float) -> npt.NDArray[np.float32]:
    """Returns the distances [m] of pixels; NaN where nothing was measured."""
    share = (pixels.astype(np.float32) - NEAREST) / (FARTHEST - NEAREST)
    distance: npt.NDArray[np.float32] = np.where(pixels == NONE, np.nan, near_m + share * (far_m - near_m))
    return distance.astype(np.float32)

"""A camera image as the page shows it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    """A JPEG. `number` grows with each image of the camera; `arrived_s`: of the monotonic clock."""

    number: int
    arrived_s: float
    jpeg: bytes

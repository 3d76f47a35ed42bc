"""The kind of observation of a policy of a simulated task."""

from enum import Enum


class Obs(str, Enum):
    """Observed by policy, demonstrations and robot of a task, besides the arms' own state."""

    STATE = "state"  # the poses of the objects
    IMAGES = "images"  # the images of the task's cameras, and no pose of an object

"""The kind of observation of a policy of a simulated task."""

from enum import Enum

from zprl_core.observation_spec import ObservationSpec


class Obs(str, Enum):
    """Observed by policy, demonstrations and robot of a task, besides the arms' own state."""

    STATE = "state"  # the poses of the objects
    IMAGES = "images"  # the images of the task's cameras, and no pose of an object
    RGBD = "rgbd"  # images and depth of these cameras, and no pose of an object

    @property
    def sees(self) -> bool:
        """True with images."""
        return self != Obs.STATE

    @classmethod
    def of(cls, spec: ObservationSpec) -> "Obs":
        """Returns the kind that a policy with this spec observes."""
        if any(stream.is_depth for stream in spec.images):
            return cls.RGBD
        return cls.IMAGES if spec.images else cls.STATE

"""Hyperparameters of the base policy. Does not import torch."""

from dataclasses import asdict, dataclass
from typing import Any

from zprl.models.unet_config import UnetConfig
from zprl.models.vision_config import VisionConfig
from zprl_core.action_spec import PLANAR, ActionSpec
from zprl_core.arm_action import JointAction
from zprl_core.config.flatten import flatten
from zprl_core.config.plain import from_plain
from zprl_core.observation_spec import ObservationSpec, StreamKind, arm_observation

OLD_NAMES = {"latent": "latent_dim", "execute": "n_action_steps"}  # names in checkpoints of an earlier version
MAX_EULER_STEPS = 1000  # each step evaluates the flow once, within a control step


@dataclass(frozen=True)
class BaseConfig:
    """Sizes of the base policy and of its action chunks."""

    observation: ObservationSpec
    latent_dim: int = 8  # Z
    horizon: int = 16  # H, control steps that the flow predicts
    n_action_steps: int = 8  # T_a, control steps that are executed before the next chunk
    euler_steps: int = 5
    hidden: int = 256
    action: ActionSpec = PLANAR
    vision: VisionConfig | None = None  # encoder of the images; None without images
    unet: UnetConfig | None = None  # the flow's network; None for an MLP

    def __post_init__(self) -> None:
        sizes = (self.latent_dim, self.horizon, self.n_action_steps, self.euler_steps, self.hidden)
        if not all(type(size) is int for size in sizes):
            raise ValueError(f"the base's sizes must be integers, got {self}")
        if not 1 <= self.n_action_steps <= self.horizon:
            raise ValueError(f"n_action_steps must lie in 1..horizon={self.horizon}, got {self.n_action_steps}")
        if min(self.latent_dim, self.hidden) < 1:
            raise ValueError(f"latent_dim and hidden must be positive, got {self}")
        if not 1 <= self.euler_steps <= MAX_EULER_STEPS:
            raise ValueError(f"euler_steps must lie in 1..{MAX_EULER_STEPS}, got {self.euler_steps}")
        self._check_streams()
        self._check_networks()

    def _check_networks(self) -> None:
        """Raises ValueError for images without encoder, an encoder without images, or an unusable horizon."""
        names = ", ".join(stream.name for stream in self.observation.images)
        if names and self.vision is None:
            raise ValueError(f"the observation has images ({names}), but the base has no vision encoder; add vision")
        if self.vision is not None and not names:
            raise ValueError("the base has a vision encoder, but the observation has no images; remove vision")
        if self.unet is not None:
            self.unet.check_horizon(self.horizon)

    def _check_streams(self) -> None:
        """Raises ValueError when a delta action lacks its stream, or the stream has another kind or other joints."""
        streams = {stream.name: stream for stream in self.observation.streams}
        for arm in self.action.arms:
            if arm.motion.absolute:
                continue
            joints = arm.motion.joints if isinstance(arm.motion, JointAction) else ()
            kind = StreamKind.JOINTS if joints else StreamKind.POSE
            found = streams.get(arm.stream)
            if found is None or found.kind != kind or found.joints != joints:
                names = f" with the joints {', '.join(joints)}" if joints else ""
                raise ValueError(
                    f"the action moves {arm.arm or 'the arm'} relative to its state, which needs a stream "
                    f"{arm.stream!r} of kind {kind.value}{names} in the observation; add it, or make the action "
                    f"absolute"
                )

    def to_json(self) -> dict[str, Any]:
        """Returns plain values for a JSON file."""
        nested = ("observation", "action", "vision", "unet")
        sizes = {k: v for k, v in asdict(self).items() if k not in nested}
        present = {}  # absent where None, as in checkpoints of earlier versions
        if self.vision is not None:
            present["vision"] = self.vision.to_json()
        if self.unet is not None:
            present["unet"] = flatten(self.unet)
        return {"observation": self.observation.to_json(), "action": self.action.to_json(), **sizes, **present}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "BaseConfig":
        """Rebuilds a config written by `to_json`, or by an earlier version with a planar policy and named objects.

        Raises ValueError for anything else.
        """
        given = {OLD_NAMES.get(name, name): x for name, x in value.items()}
        if "objects" in given:
            objects = given.pop("objects")
            if not isinstance(objects, list) or not all(isinstance(x, str) and x.isidentifier() for x in objects):
                raise ValueError(
                    f"names of objects may contain letters, digits and underscores, got {str(objects)[:200]}"
                )
            return cls(arm_observation(tuple(objects)), **given)
        spec = ObservationSpec.from_json(given.pop("observation", None))
        if given.get("vision") is not None:
            given["vision"] = VisionConfig.from_json(given["vision"])
        if given.get("unet") is not None:
            given["unet"] = from_plain(UnetConfig, given["unet"])
        return cls(spec, action=ActionSpec.from_json(given.pop("action", None)), **given)

"""Demonstrations: states, images, actions and the end of each episode."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from zprl.training.demo_images import DemoImages, save_images
from zprl.training.video import Codec
from zprl_core.action_spec import PLANAR, ActionSpec
from zprl_core.errors import CheckpointError, quoted
from zprl_core.observation_spec import ObservationSpec
from zprl_core.streams import camera_model
from zprl_core.streams.camera_model import CameraModel

CAMERAS = "cameras"  # key in demos.json
# Exceptions that the two readers raise for a damaged file.
DAMAGE = (
    SafetensorError, OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True)
class Demos:
    """M episodes with N control steps in total."""

    observations: npt.NDArray[np.float32]  # (N, S) as in ObservationSpec.state
    actions: npt.NDArray[np.float32]  # (N, A) in [-1, 1]
    episode_ends: npt.NDArray[np.int64]  # (M,) one past each episode's last row
    task: str
    seed: int
    observation: ObservationSpec
    action: ActionSpec = PLANAR
    images: Mapping[str, npt.NDArray[np.uint8]] = field(default_factory=dict)  # (N, h, w, c) by stream name
    cameras: Mapping[str, CameraModel] = field(default_factory=dict)  # those that are known, by stream name

    def __post_init__(self) -> None:
        kinds = [str(x.dtype) for x in (self.observations, self.actions, self.episode_ends)]
        if kinds != ["float32", "float32", "int64"] or self.episode_ends.ndim != 1:
            raise ValueError(f"demonstrations need two arrays of float32 and one list of int64, got {kinds}")
        n = len(self.observations)
        state, action = self.observation.state_size, self.action.size
        if n == 0 or self.observations.shape != (n, state) or self.actions.shape != (n, action):
            raise ValueError(
                f"demonstrations need observations (N, {state}) and actions (N, {action}), N > 0; "
                f"got {self.observations.shape} and {self.actions.shape}"
            )
        if not (np.isfinite(self.observations).all() and np.isfinite(self.actions).all()):
            raise ValueError("demonstrations contain a number that is not finite; record them again")
        ends = self.episode_ends
        if not len(ends) or np.any(ends[1:] <= ends[:-1]) or ends[0] <= 0 or ends[-1] != n:
            raise ValueError(f"episode_ends must increase up to N={n}, got {ends}")
        self._check_images()

    def _check_images(self) -> None:
        wanted = {s.name: ((len(self.actions), *s.shape), "uint8") for s in self.observation.images}
        found = {name: (x.shape, str(x.dtype)) for name, x in self.images.items()}
        if found != wanted:
            raise ValueError(f"demonstrations of this observation need the images {wanted}, got {found}")
        sizes = {s.name: s.shape[:2] for s in self.observation.images}
        for name, camera in self.cameras.items():
            if sizes.get(name) != camera.size:
                raise ValueError(
                    f"camera {name} has images of height and width {camera.size}, the observation has "
                    f"{sizes.get(name, 'no such camera')}; describe each camera with the size of its stream's images"
                )

    def split(self, held_out: int) -> tuple["Demos", "Demos"]:
        """Returns all episodes but the last `held_out`, and those. Raises ValueError unless both have one."""
        if not 0 < held_out < len(self.episode_ends):
            raise ValueError(f"{held_out} of {len(self.episode_ends)} demonstrations cannot be held out")
        ends, row = self.episode_ends, int(self.episode_ends[-held_out - 1])

        def part(rows: slice, own: npt.NDArray[np.int64]) -> "Demos":
            images = {name: x[rows] for name, x in self.images.items()}
            return replace(
                self,
                observations=self.observations[rows],
                actions=self.actions[rows],
                episode_ends=own,
                images=images,
            )

        return part(slice(0, row), ends[:-held_out]), part(slice(row, None), ends[-held_out:] - row)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the arrays, the videos and the specs, in hexadecimal; the cameras change nothing in them."""
        specs = {"observation": self.observation.to_json(), "action": self.action.to_json()}
        digest = hashlib.sha256(json.dumps(specs, sort_keys=True).encode())
        for x in (self.observations, self.actions, self.episode_ends):
            digest.update(f"{x.shape}".encode() + np.ascontiguousarray(x).tobytes())
        if isinstance(self.images, DemoImages):
            digest.update(json.dumps(self.images.checksums, sort_keys=True).encode())
        else:
            for name in sorted(self.images):
                digest.update(f"{name}".encode() + np.ascontiguousarray(self.images[name]).tobytes())
        return digest.hexdigest()

    def save(self, folder: Path, codec: Codec = Codec.H264) -> None:
        """Writes videos and demos.safetensors, then demos.json: if that exists, the others are complete.

        `codec`: of images that are arrays; images that were read from videos keep theirs.
        """
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, npt.NDArray[np.generic]] = {
            "observations": self.observations,
            "actions": self.actions,
            "episode_ends": self.episode_ends,
        }
        videos = save_images(self.images, folder, self.observation, self.action.rate_hz, codec)
        save_file(arrays, folder / "demos.safetensors")
        metadata = {
            "task": self.task,
            "seed": self.seed,
            "episodes": len(self.episode_ends),
            "steps": len(self.actions),
            "observation": self.observation.to_json(),
            "action": self.action.to_json(),
            **({"videos": videos} if videos else {}),
            **({CAMERAS: camera_model.to_json(self.cameras)} if self.cameras else {}),
        }
        (folder / "demos.json").write_text(json.dumps(metadata, indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path, earlier: ObservationSpec | None = None) -> "Demos":
        """Reads what `save` wrote. Raises CheckpointError when it is missing, damaged or truncated.

        `earlier`: the observation spec for a file of an earlier version, which does not contain one.
        """
        try:
            metadata = json.loads((folder / "demos.json").read_text())
            arrays = load_file(folder / "demos.safetensors")
            spec = earlier
            if "observation" in metadata or spec is None:
                spec = ObservationSpec.from_json(metadata["observation"])
            action = ActionSpec.from_json(metadata["action"]) if "action" in metadata else PLANAR
            task, seed = str(metadata["task"]), int(metadata["seed"])
            videos = dict(metadata.get("videos", {}))
            images = DemoImages.load(folder, spec, len(arrays["actions"]), videos) if spec.images else {}
            cameras = camera_model.from_json(metadata.get(CAMERAS, {}))
            return cls(**arrays, task=task, seed=seed, observation=spec, action=action, images=images, cameras=cameras)
        except FileNotFoundError as error:
            raise CheckpointError(f"no demonstrations in {folder} ({error}); run zprl demos") from None
        except DAMAGE as error:
            raise CheckpointError(
                f"demonstrations in {folder} are damaged ({quoted(error)}); delete the folder and run zprl demos"
            ) from None

"""Writes demonstrations as a robomimic HDF5 file."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import h5py
import numpy as np

from zprl_cli.datasets.physical import sample_numbers, target_numbers
from zprl_cli.datasets.robomimic.layout import ACTIONS, RobomimicLayout, closing, fingers
from zprl_cli.datasets.saved_specs import SavedSpecs
from zprl_core.arm_action import ArmAction
from zprl_core.bags.bag_step import BagStep
from zprl_core.observation_spec import StreamKind, StreamSpec

GYM = 2  # robomimic's number for an environment of Gym, which it does not make unless it is told to evaluate
SPECS = "zprl"  # attribute of the group data


class RobomimicWriter:
    """Writes one group for each episode; the file is complete when the `with` block has ended."""

    def __init__(self, path: Path, saved: SavedSpecs):
        self._saved, self._layout = saved, RobomimicLayout(saved)
        self._episodes = self._steps = 0
        self._file = h5py.File(path, "w")
        self._data = self._file.create_group("data")

    def __enter__(self) -> "RobomimicWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            environment = {"control_freq": self._saved.action.rate_hz}
            described = {"env_name": self._saved.task, "type": GYM, "env_kwargs": environment}
            self._data.attrs["total"] = self._steps
            self._data.attrs["env_args"] = json.dumps(described)
            self._data.attrs[SPECS] = self._saved.to_text()
        self._file.close()

    def add(self, steps: Sequence[BagStep], success: bool) -> None:
        """Writes an episode. Raises ValueError, before anything is written, when a number is not finite."""
        arrays = {ACTIONS: np.array([self._action(step) for step in steps])}
        for stream in self._saved.observation.streams:
            arrays |= self._observed(stream, steps)
        if bad := [key for key, x in arrays.items() if x.dtype != np.uint8 and not np.isfinite(x).all()]:
            raise ValueError(f"{', '.join(bad)} has a number that is not finite")
        arrays["rewards"], arrays["dones"] = np.zeros(len(steps)), np.zeros(len(steps), np.int64)
        arrays["rewards"][-1], arrays["dones"][-1] = float(success), 1
        group = self._data.create_group(f"demo_{self._episodes}")
        group.attrs["num_samples"] = len(steps)
        for key, array in arrays.items():
            packed = {"compression": "gzip", "compression_opts": 1} if array.ndim == 4 else {}
            chunks = (1, *array.shape[1:]) if packed else None  # a step is read alone
            group.create_dataset(key, data=array, chunks=chunks, **packed)
        self._file.flush()  # of a run that is killed, this much can be read
        self._episodes, self._steps = self._episodes + 1, self._steps + len(steps)

    def _observed(self, stream: StreamSpec, steps: Sequence[BagStep]) -> dict[str, np.ndarray]:
        samples = [step.observation.samples[stream.name] for step in steps]
        keys = self._layout.keys(stream)
        if stream.kind == StreamKind.IMAGE:
            return {keys[0]: np.stack([np.asarray(sample, np.uint8) for sample in samples])}
        numbers = np.array([sample_numbers(stream, sample) for sample in samples])
        if stream.kind == StreamKind.POSE:
            return {keys[0]: numbers[:, :3], keys[1]: numbers[:, 3:]}
        if stream.kind == StreamKind.WIDTH:
            return {keys[0]: np.array([fingers(float(width)) for width in numbers[:, 0]])}
        return {keys[0]: numbers}

    def _action(self, step: BagStep) -> list[float]:
        return [x for arm in self._saved.action.arms for x in _command(arm, step)]


def _command(arm: ArmAction, step: BagStep) -> list[float]:
    numbers = target_numbers(arm, step.targets[arm.arm])
    if arm.gripper is not None:
        numbers[-1] = closing(arm.gripper, numbers[-1])
    return numbers

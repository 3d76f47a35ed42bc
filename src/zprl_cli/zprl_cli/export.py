"""`zprl export`: a run's policy as ONNX graphs."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from zprl.checkpoints.find_run import find_run
from zprl_core.config.metadata import Range, check_ranges

if TYPE_CHECKING:  # loads torch
    from zprl.models.observation_batch import ObservationBatch
    from zprl.training.demos import Demos

CHECKED = 32  # observations on which an export is compared with PyTorch


@dataclass(frozen=True)
class Export:
    """Export a run's policy to ONNX: encoder and bottleneck, condition of the flow, one flow step, and actor.

    The graphs are compared with PyTorch on the run's demonstrations. The policy node exports by itself when it starts;
    this is for int8 (parameter inference.folder), and for other programs, which read export.json.
    """

    run: Annotated[tyro.conf.Positional[str], "run, as a path or a name"]
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    output: Annotated[Path | None, "folder of the graphs (default: onnx, or onnx-int8, in the folder of the run)"] = (
        None
    )
    int8: Annotated[bool, "compute with int8, calibrated on the demonstrations; evaluate it before you rely on it"] = (
        False
    )
    calibration: Annotated[int, "observations to calibrate int8 on", Range(10, 10_000)] = 200

    def __post_init__(self) -> None:
        check_ranges(self)

    def main(self) -> None:
        from zprl.checkpoints.checkpoint import fingerprint, load_base
        from zprl.checkpoints.learner_checkpoint import load_actor
        from zprl.inference.comparison import TOLERANCE, compare
        from zprl.inference.config import InferenceConfig
        from zprl.inference.export import export_base
        from zprl.inference.export_folder import ExportInfo, Precision, save_export
        from zprl.inference.onnx_actor import export_actor
        from zprl.inference.onnx_base import OnnxBase
        from zprl.inference.quantize import quantized
        from zprl.models.actor import ActorShape
        from zprl.training.demos import Demos

        folder = find_run(self.run, self.runs, "base")
        output = self.output or folder.path / ("onnx-int8" if self.int8 else "onnx")
        base, demos = load_base(folder.base), Demos.load(folder.demos)
        exported, precision = export_base(base), Precision.FLOAT32
        if self.int8:
            exported = quantized(base, exported, list(observations(demos, self.calibration)))
            precision = Precision.INT8
        settings = InferenceConfig()
        found = OnnxBase(base.config, base.embedding_dim, base.latent_rms, exported, settings)
        errors = compare(base, found, list(observations(demos, CHECKED, first=1)))
        if not (self.int8 or errors.within_tolerance):
            raise ValueError(
                f"the export differs from PyTorch by more than {TOLERANCE:g}: {errors}; report it with the versions "
                "that zprl --version shows, and use inference.backend torch"
            )
        shape = ActorShape(base.embedding_dim, base.config.latent_dim)
        if (folder.actor / "checkpoint.json").exists():
            shape = load_actor(folder.actor)[0].shape
        info = ExportInfo(fingerprint(base), precision, errors, CHECKED)
        save_export(output, exported, export_actor(shape), info)
        greatest = ", ".join(f"{name} {error:.1e}" for name, error in asdict(errors).items())
        print(f"{precision.value}, greatest errors against PyTorch: {greatest}")
        print(f"{sum(path.stat().st_size for path in output.iterdir()) / 1e6:.1f} MB: {output}")


def observations(demos: "Demos", count: int, first: int = 0) -> Iterator["ObservationBatch"]:
    """Returns batches of one observation, evenly spread over the demonstrations from row `first` on."""
    import numpy as np
    import torch

    from zprl.models.observation_batch import ObservationBatch

    for row in np.linspace(first, len(demos.observations) - 1, count).astype(int):
        images = {name: torch.from_numpy(np.array(x[row : row + 1])) for name, x in demos.images.items()}
        yield ObservationBatch(torch.from_numpy(demos.observations[row : row + 1]), images)

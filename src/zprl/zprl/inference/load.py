"""Chooses the library that runs a frozen base."""

from pathlib import Path

from zprl.inference.config import Backend, InferenceConfig
from zprl.models.base_policy import BasePolicy
from zprl.models.frozen_base import FrozenBase


def for_loop(base: BasePolicy) -> FrozenBase:
    """Returns the base for a loop in one process: one with images as ONNX Runtime computes it, others as they are."""
    return base if base.config.vision is None else running(base, "", InferenceConfig())[0]


def running(base: BasePolicy, fingerprint: str, settings: InferenceConfig) -> tuple[FrozenBase, str]:
    """Returns the base as `settings` want it computed, and what computes it, for the log.

    `fingerprint`: that of the base. Without ONNX Runtime PyTorch computes it, and the text says so. Raises
    CheckpointError when `settings.folder` holds no usable export of this base, ValueError when the provider is not
    installed.
    """
    if settings.backend == Backend.TORCH:
        return base, "PyTorch"
    try:
        import onnxruntime

        from zprl.inference.export import export_base
        from zprl.inference.export_folder import Precision, load_export
        from zprl.inference.onnx_base import OnnxBase
    except ImportError as error:
        return base, f"PyTorch, because ONNX Runtime is missing ({error}); pip install onnxruntime onnx"
    if settings.folder:
        exported, precision = load_export(Path(settings.folder), fingerprint)
    else:
        exported, precision = export_base(base), Precision.FLOAT32
    found = OnnxBase(base.config, base.embedding_dim, base.latent_rms, exported, settings)
    threads = f"{settings.threads} thread{'s' if settings.threads > 1 else ''}"
    return found, f"ONNX Runtime {onnxruntime.__version__} ({settings.provider.value}, {precision.value}, {threads})"

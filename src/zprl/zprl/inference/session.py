"""Opens sessions of ONNX Runtime."""

import onnxruntime

from zprl.inference.config import InferenceConfig

ERRORS = 3  # log severity


def open_session(graph: bytes, settings: InferenceConfig) -> onnxruntime.InferenceSession:
    """Returns a session for a graph. Raises ValueError with a remedy when the provider is not installed."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = settings.threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if settings.spinning else "0")
    options.log_severity_level = ERRORS
    wanted = settings.provider.names
    if wanted[0] not in onnxruntime.get_available_providers():
        raise ValueError(
            f"ONNX Runtime has no {wanted[0]}; pip install onnxruntime-gpu in place of onnxruntime, or use provider cpu"
        )
    return onnxruntime.InferenceSession(graph, options, providers=wanted)

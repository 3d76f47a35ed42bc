"""Settings of inference. Does not import torch."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from zprl_core.config.metadata import Range, check_ranges


class Backend(str, Enum):
    """The library that runs the frozen base."""

    ONNX = "onnx"
    TORCH = "torch"


class Provider(str, Enum):
    """The execution provider of ONNX Runtime."""

    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"

    @property
    def names(self) -> list[str]:
        """ONNX Runtime's names, best first; what a provider cannot run falls to the next."""
        cuda, cpu = "CUDAExecutionProvider", "CPUExecutionProvider"
        return {
            Provider.CPU: [cpu],
            Provider.CUDA: [cuda, cpu],
            Provider.TENSORRT: ["TensorrtExecutionProvider", cuda, cpu],
        }[self]


@dataclass(frozen=True)
class InferenceConfig:
    """The library, device and threads that compute a chunk."""

    backend: Annotated[
        Backend, "library that runs the frozen base. onnx: ONNX Runtime; torch: PyTorch, about half as fast on a CPU"
    ] = Backend.ONNX
    provider: Annotated[
        Provider,
        "where ONNX Runtime computes. cpu; cuda and tensorrt need onnxruntime-gpu in place of onnxruntime",
    ] = Provider.CPU
    threads: Annotated[
        int,
        "threads of one computation; 1 is best where a learner shares two cores, as busy threads wait for each other",
        Range(1, 256),
    ] = 1
    spinning: Annotated[
        bool, "true: threads wait actively between computations and take the cores from other graphs and programs"
    ] = False
    folder: Annotated[
        str, "folder written by zprl export, for example one with int8; empty: exported when the node starts"
    ] = ""

    def __post_init__(self) -> None:
        check_ranges(self)

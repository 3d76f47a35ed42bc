"""Runs a training in each of Fabric's processes, none of which outlives the command or another one that failed."""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch.distributed
from lightning_fabric import Fabric
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.multiprocessing import ProcessExitedException, ProcessRaisedException

Train = Callable[..., Mapping[str, Tensor]]

PR_SET_PDEATHSIG = 1
REFUSAL = "refusal.txt"  # file with the message of a ValueError in one of the processes


class WorkerError(RuntimeError):
    """One of the processes that train together has ended early; its last words."""


def launched(fabric: Fabric, train: Train, *args: object) -> dict[str, Tensor]:
    """Runs train(fabric, *args) in each of fabric's processes. Returns the tensors, which all return, on the CPU.

    If one that this process has started ends early, the others are ended, and its ValueError is raised here, or
    WorkerError.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)  # Fabric's queue would need the process to outlive its tensors
        launch: Callable[..., object] = fabric.launch  # its annotation takes functions without arguments only
        try:
            with _none_left():
                launch(_saved, train, folder, os.getpid(), *args)
        except (ProcessRaisedException, ProcessExitedException) as error:
            refusal = folder / REFUSAL
            if refusal.exists():
                raise ValueError(refusal.read_text()) from error
            raise WorkerError(f"process {error.error_index} of pretraining: {str(error).splitlines()[-1]}") from error
        return load_file(_result(folder))


@contextlib.contextmanager
def _none_left() -> Iterator[None]:
    """Ends the processes that were started during the block if it fails, for example by Ctrl-C."""
    before = multiprocessing.active_children()
    try:
        yield
    except BaseException:
        for process in multiprocessing.active_children():
            if process not in before:
                process.kill()  # one that waits for others in C++ code does not heed SIGTERM
                process.join()
        raise


def _saved(fabric: Fabric, train: Train, folder: Path, parent: int, *args: object) -> None:
    """Writes the result into `folder`, unless this is another than the first of several forked processes."""
    forked = os.getpid() != parent
    if forked:
        _belong_to(parent)
    try:
        tensors = train(fabric, *args)
    except ValueError as error:
        (folder / REFUSAL).write_text(str(error))
        raise
    if not forked or fabric.local_rank == 0:
        save_file({name: x.cpu().contiguous() for name, x in tensors.items()}, _result(folder))
    if torch.distributed.is_initialized():
        fabric.barrier()  # the first process holds the store by which the others find each other
        torch.distributed.destroy_process_group()


def _result(folder: Path) -> Path:
    return folder / "trained.safetensors"


def _belong_to(parent: int) -> None:
    """Makes this process end with its parent, and leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)

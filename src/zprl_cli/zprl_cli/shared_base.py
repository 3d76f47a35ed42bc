"""Finetunes the base of another run, so that several methods start from one base."""

import os
import shutil
from dataclasses import replace
from enum import Enum

from zprl.checkpoints.beside import free_name
from zprl.checkpoints.fingerprint import read_fingerprint, short
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options

OF_BASE = (
    "task",
    "env",
    "expert",
    "time_limit",
    "latency",
    "obs",
    "lossless_video",
    "demos",
    "euler_steps",
    "vision",
    "backbone",
    "head",
)  # options that a base was made with


def options_for(options: RunOptions, source: RunFolder) -> RunOptions:
    """Return `options` with the task, latency and demonstrations of the run whose base is to be finetuned.

    Raises ValueError when one of them was given and differs.
    """
    theirs, usual = load_options(source), RunOptions()
    for name in OF_BASE:
        given, own = getattr(options, name), getattr(theirs, name)
        if given not in (getattr(usual, name), own):
            made, asked = (x.value if isinstance(x, Enum) else x for x in (own, given))
            raise ValueError(
                f"the base of {source.path} was made with {name} {made}, not {asked}; remove --{name.replace('_', '-')}"
            )
    in_process = options.in_process or theirs.env is not None
    return replace(options, **{name: getattr(theirs, name) for name in OF_BASE}, in_process=in_process)


def copy_base(source: RunFolder, folder: RunFolder) -> None:
    """Copy the base of a run into another, which has none or the same. Raises RunError when it has another."""
    if not _has_base(source):
        raise RunError(f"{source.path} has no base yet; run zprl pretrain --name {source.path.name}")
    if _has_base(folder):
        own, theirs = read_fingerprint(folder.base), read_fingerprint(source.base)
        if own != theirs:
            raise RunError(
                f"{folder.path} has another base than {source.path} ({short(own)} and {short(theirs)}); give another "
                f"--name, for example {free_name(folder.path)}"
            )
        return
    new = folder.path / "base.new"
    try:
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(source.base, new)
        os.replace(new, folder.base)
    except OSError as error:
        raise RunError(f"cannot copy the base of {source.path} to {folder.base}: {error}") from None


def _has_base(run: RunFolder) -> bool:
    return (run.base / "checkpoint.json").exists()

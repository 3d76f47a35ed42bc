"""Writes the command lines of a sweep's runs, which anyone could type to make the same runs one by one."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.sweep.plan import PlannedRun, SharedBase
from zprl_core.config.metadata import offered_by


def finetune_command(run: PlannedRun) -> tuple[str, ...]:
    """Return the arguments after zprl that make a run, or resume it."""
    base = () if run.owns_base else ("--base", str(run.base.folder.path))
    where = ("--name", run.name, "--runs", str(run.folder.path.parent))
    return ("finetune", *_flags(run.options, Command.JOB), *base, *where)


def pretrain_command(base: SharedBase) -> tuple[str, ...]:
    """Return the arguments after zprl that make the base of several runs."""
    demos = () if base.options.demos is None else ("--demos", str(base.options.demos))
    where = ("--name", base.folder.path.name, "--runs", str(base.folder.path.parent))
    return ("pretrain", *_flags(base.options, Command.PRETRAIN), *demos, *where)


def _flags(options: RunOptions, command: Command) -> Iterator[str]:
    """Return the options that a command offers, where they differ from the defaults."""
    usual = RunOptions()
    for name in offered_by(RunOptions, command):
        value = getattr(options, name)
        if value == getattr(usual, name):
            continue
        yield f"--{name.replace('_', '-')}"
        if value is not True:
            yield _text(value)


def _text(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)

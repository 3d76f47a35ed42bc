"""The command line that starts a new run beside one that must not be mixed with it."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from zprl.checkpoints.beside import free_name

REPLACED = ("--name", "--beside")


def beside_command(arguments: Sequence[str], run: Path) -> str:
    """Return the same command with a free --name; "" for one with --resume, which has no name.

    `arguments`: those after zprl; `run`: folder of the existing run.
    """
    if any(argument.partition("=")[0] == "--resume" for argument in arguments):
        return ""
    return shlex.join(["zprl", *_without_name(arguments), "--name", free_name(run)])


def _without_name(arguments: Iterable[str]) -> Iterator[str]:
    given = iter(arguments)
    for argument in given:
        if argument == "--name":
            next(given, None)
        elif argument.partition("=")[0] not in REPLACED:
            yield argument

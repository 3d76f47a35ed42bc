"""A command whose reader has gone, as in `zprl tasks | head -1`."""

import os
import subprocess
import sys

import pytest

ZPRL = (sys.executable, "-c", "from zprl_cli.main import main; main()")


@pytest.mark.parametrize("arguments", [("tasks",), ("--help",), ("finetune", "--task", "unknown")])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_ends_a_command_without_a_message(arguments: tuple[str, ...], unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    both = arguments[0] == "finetune"  # its error goes to stderr
    with os.fdopen(writer, "wb") as pipe:
        ended = subprocess.run(
            [*ZPRL, *arguments],
            stdout=pipe,
            stderr=pipe if both else subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            check=False,
        )
    assert ended.returncode == 141 and not ended.stderr

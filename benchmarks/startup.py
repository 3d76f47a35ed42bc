"""Measures how long commands, launch arguments and nodes take to start, in this clone and in another one.

    python benchmarks/startup.py [--against FOLDER] [--runs 3]

FOLDER is another clone that was built. Of each program the shortest of the runs counts: wall seconds, and in brackets
CPU seconds, which other programs on the machine change less; the clones take turns. A node's time is that of importing
its module.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATHS = ("PATH", "PYTHONPATH", "AMENT_PREFIX_PATH", "CMAKE_PREFIX_PATH", "COLCON_PREFIX_PATH", "LD_LIBRARY_PATH")
COMMANDS = ("--help", "demos --help", "finetune --help", "up --help", "doctor --help")  # of zprl
SHOW_ARGS = ("ros2", "launch", "zprl_bringup", "finetune.launch.py", "--show-args")
# Modules of this version and of earlier ones.
ARGUMENTS = ("zprl_bringup.ros_launch.arguments", "zprl_bringup.launch_arguments")
ZPRL = ("zprl_cli.main", "zprl_bringup.cli")
NODE = re.compile(r'"(\w+_node) = ([\w.]+):main"')
OLD_NAMES = {"arm_node": "franka_arm_node", "camera_record_node": "pose_recorder_node"}

Seconds = tuple[float, float]  # wall, CPU


@dataclass(frozen=True)
class Clone:
    """A built clone, with the environment of its setup.bash."""

    folder: Path
    env: Mapping[str, str]

    def programs(self) -> dict[str, tuple[str, ...]]:
        """Name and command line of each measured program."""
        (zprl,), (arguments,) = ([name for name in names if self._has(name)] for names in (ZPRL, ARGUMENTS))
        nodes = {
            OLD_NAMES.get(name, name): _import(f"import {module}")
            for setup in sorted(self.folder.glob("src/*/setup.py"))
            for name, module in NODE.findall(setup.read_text())
        }
        return {
            "python -c pass": ("python", "-c", "pass"),
            **{f"zprl {flags}": ("python", "-m", zprl, *flags.split()) for flags in COMMANDS},
            "ros2 launch ... --show-args": SHOW_ARGS,
            "our part of --show-args": _import(f"from {arguments} import *"),
            **dict(sorted(nodes.items())),
        }

    def _has(self, module: str) -> bool:
        package = module.split(".")[0]
        return (self.folder / "src" / package / f"{module.replace('.', '/')}.py").exists()

    def seconds(self, command: Sequence[str]) -> Seconds | None:
        """Return wall and CPU time of one run; None when the program is not installed or fails."""
        began = time.perf_counter()
        run = ["/usr/bin/env", *command]  # looks the program up on the clone's PATH
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(run, cwd="/", env=self.env, stdout=quiet, stderr=quiet)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        return None if process.returncode else (wall, used.ru_utime + used.ru_stime)


def open_clone(folder: Path) -> Clone:
    """Return the environment after sourcing the clone's setup.bash, without this clone's folders."""
    env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    for name in PATHS:
        kept = [part for part in env.get(name, "").split(":") if part and not Path(part).is_relative_to(ROOT)]
        env[name] = ":".join(kept)
    script = f"source {folder}/setup.bash >&2 && env -0"
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"startup: {folder} is not built ({done.stderr.strip()}); run make build there")
    found = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
    found["PATH"] = f"{found['PATH']}:{env['PATH']}"
    return Clone(folder, found)


def measured(clones: Sequence[Clone], runs: int) -> dict[str, list[Seconds | None]]:
    """Return the shortest time of each program in each clone; None where it does not run."""
    programs = [clone.programs() for clone in clones]
    table: dict[str, list[Seconds | None]] = {}
    for name in dict.fromkeys(name for each in programs for name in each):
        times: list[list[Seconds | None]] = [[] for _ in clones]
        for _ in range(runs):
            for clone, commands, column in zip(clones, programs, times, strict=True):
                column.append(clone.seconds(commands[name]) if name in commands else None)
        table[name] = [_shortest(column) for column in times]
        print(f"{name}: {', '.join(map(_text, table[name]))}", file=sys.stderr)
    return table


def _import(statement: str) -> tuple[str, ...]:
    return "python", "-c", statement


def _shortest(runs: Sequence[Seconds | None]) -> Seconds | None:
    done = [run for run in runs if run is not None]
    return (min(wall for wall, _ in done), min(cpu for _, cpu in done)) if done else None


def _text(seconds: Seconds | None) -> str:
    return "-" if seconds is None else f"{seconds[0]:.2f} ({seconds[1]:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, help="another built clone")
    parser.add_argument("--runs", type=int, default=3, help="runs of each program; the shortest counts")
    asked = parser.parse_args()
    folders = [ROOT] if asked.against is None else [ROOT, asked.against.resolve()]
    table = measured([open_clone(folder) for folder in folders], asked.runs)
    heads = ("this clone [s]", f"{folders[-1].name} [s]")[: len(folders)]
    print("| program | " + " | ".join(heads) + " |\n|---|" + "---|" * len(heads))
    for name, times in table.items():
        print(f"| {name} | " + " | ".join(map(_text, times)) + " |")


if __name__ == "__main__":
    main()

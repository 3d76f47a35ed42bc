"""`zprl`: record demonstrations, pretrain, finetune, evaluate, or start a graph.

zprl --version shows the versions of zprl and what it uses; zprl --tyro-print-completion bash prints a script for tab
completion (also zsh, fish).
"""

# Each command imports what it needs when it runs, so that help and errors do not wait for torch or mujoco.

import signal
import sys
import traceback
from typing import Annotated

import tyro

from zprl.checkpoints.origin import OriginError
from zprl.checkpoints.run_folder import RunError, SettingsError, versions
from zprl_bringup.graph.spec import GraphError
from zprl_cli.bag import Bag
from zprl_cli.bags.command import Bags
from zprl_cli.beside_command import beside_command
from zprl_cli.closed_pipe import quiet_on_closed_pipe
from zprl_cli.console.command import Console
from zprl_cli.demos import Demos
from zprl_cli.doctor.doctor import Doctor
from zprl_cli.evaluate import Evaluate
from zprl_cli.experiment.command import Compare
from zprl_cli.export import Export
from zprl_cli.finetune import Finetune
from zprl_cli.health.health import Health
from zprl_cli.lost_terminal import outlive_terminal
from zprl_cli.pretrain import Pretrain
from zprl_cli.report.command import RunTable
from zprl_cli.runs import Runs
from zprl_cli.stations import Stations
from zprl_cli.sweep.command import Sweep
from zprl_cli.tasks import Tasks
from zprl_cli.teleop import Teleop
from zprl_cli.tracking.command import Track
from zprl_cli.up import Up
from zprl_cli.view.foxglove import Foxglove
from zprl_cli.view.view import View
from zprl_core.config.command_line import described_fields
from zprl_core.errors import CheckpointError, RecordError, remedy
from zprl_core.host.inherited_signals import heeded
from zprl_core.host.start_errors import REPORT, explain

COMMANDS = Annotated[
    Annotated[Demos, tyro.conf.subcommand("demos")]
    | Annotated[Teleop, tyro.conf.subcommand("teleop")]
    | Annotated[Pretrain, tyro.conf.subcommand("pretrain")]
    | Annotated[Finetune, tyro.conf.subcommand("finetune")]
    | Annotated[Sweep, tyro.conf.subcommand("sweep")]
    | Annotated[Evaluate, tyro.conf.subcommand("evaluate")]
    | Annotated[Export, tyro.conf.subcommand("export")]
    | Annotated[Bag, tyro.conf.subcommand("bag")]
    | Annotated[Bags, tyro.conf.subcommand("bags")]
    | Annotated[Compare, tyro.conf.subcommand("compare")]
    | Annotated[RunTable, tyro.conf.subcommand("report")]
    | Annotated[Track, tyro.conf.subcommand("track")]
    | Annotated[Up, tyro.conf.subcommand("up")]
    | Annotated[View, tyro.conf.subcommand("view")]
    | Annotated[Foxglove, tyro.conf.subcommand("foxglove")]
    | Annotated[Tasks, tyro.conf.subcommand("tasks")]
    | Annotated[Stations, tyro.conf.subcommand("stations")]
    | Annotated[Runs, tyro.conf.subcommand("runs")]
    | Annotated[Console, tyro.conf.subcommand("console")]
    | Annotated[Health, tyro.conf.subcommand("health")]
    | Annotated[Doctor, tyro.conf.subcommand("doctor")],
    tyro.conf.ConsolidateSubcommandArgs,
]
FLAGS = (tyro.conf.OmitArgPrefixes, tyro.conf.EnumChoicesFromValues)
VERSION = sys.version.split()[0]


def main() -> None:
    """Entry point; errors that the user can fix print one line on stderr and exit with code 2."""
    for number in heeded(signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    outlive_terminal()
    with quiet_on_closed_pipe():
        _run()


def _run() -> None:
    try:
        _command()
    except (OriginError, SettingsError) as error:
        print(f"zprl: {error}", file=sys.stderr)
        if error.run is not None and (command := beside_command(sys.argv[1:], error.run)):
            print(f"zprl: for a new run beside it, which leaves it as it is: {command}", file=sys.stderr)
        sys.exit(2)
    except (CheckpointError, RunError, GraphError, RecordError, ValueError) as error:
        print(f"zprl: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        raise
    except OSError as error:
        known = explain(error)
        print(f"zprl: {known or f'{error}; {remedy(error)}, or choose another --runs folder'}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("zprl: stopped; run the same command again to resume", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        known = explain(error)
        if not known:
            traceback.print_exc()
        print(f"zprl: {known or REPORT}", file=sys.stderr)
        sys.exit(2 if known else 1)


def _command() -> None:
    try:
        if sys.argv[1:] == ["--version"]:
            print(", ".join(f"{name} {number}" for name, number in {**versions(), "Python": VERSION}.items()))
            return
        command = tyro.cli(COMMANDS, prog="zprl", description=__doc__, config=FLAGS, registry=described_fields())
        command.main()
    finally:
        print(end="", flush=True)  # here its errors are reported, at the interpreter's end they are not


if __name__ == "__main__":
    main()

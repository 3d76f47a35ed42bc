"""The robot that a panel shows, as chosen on rqt's command line, in its settings or by its namespace."""

import re
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*")


@dataclass(frozen=True)
class RobotChoice:
    """A robot's namespace, empty for the only one, and the namespaces of its arms, none if it has one arm."""

    namespace: str = ""
    arms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in (self.namespace, *self.arms):
            if name and not NAME.fullmatch(name):
                raise ValueError(
                    f"{name[:50]!r} is no namespace: use letters, digits and underscores, with / between parts, "
                    "such as robot_1"
                )

    @property
    def robot(self) -> str:
        """The robot's name in episode events, as `zprl up` and the launch files choose it."""
        return self.namespace or "robot"

    @property
    def arm_namespaces(self) -> tuple[str, ...]:
        """The namespaces of its arms, with the empty one for an only arm."""
        return self.arms or ("",)

    @classmethod
    def of_text(cls, namespace: str, arms: str) -> "RobotChoice":
        """Read what a person typed: slashes around names are left out, arms are divided by spaces or commas."""
        return cls(namespace.strip().strip("/"), tuple(name.strip("/") for name in re.split(r"[\s,]+", arms) if name))


def add_arguments(parser: ArgumentParser) -> None:
    """Add the plugin's options to a parser; rqt does so for its --help."""
    group = parser.add_argument_group("Options for the zprl panel")
    group.add_argument("--namespace", help="namespace of the robot; default: that of rqt's node, or the saved one")
    group.add_argument("--arms", nargs="*", default=[], help="namespaces of its arms, if it has several")


def choice_from_arguments(arguments: Sequence[str], node_namespace: str) -> RobotChoice | None:
    """Return the robot that the command line chooses, by the plugin's options or the namespace of rqt's node.

    None if it chooses none. Raises ValueError for what is no name.
    """
    parser = ArgumentParser(prog="rqt_zprl", add_help=False, exit_on_error=False)
    add_arguments(parser)
    found, _ = parser.parse_known_args(list(arguments))
    given, inherited = found.namespace, node_namespace.strip("/")
    if given is None and not inherited and not found.arms:
        return None
    return RobotChoice.of_text(inherited if given is None else given, " ".join(found.arms))

"""A parameter that a node does not have keeps the node from starting."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest

rclpy = pytest.importorskip("rclpy")

from rclpy.context import Context  # noqa: E402
from rclpy.lifecycle import TransitionCallbackReturn  # noqa: E402
from rclpy.node import Node  # noqa: E402

from zprl_core.ros import parameters  # noqa: E402
from zprl_core.ros.managed_node import ManagedNode  # noqa: E402

pytestmark = pytest.mark.ros


@dataclass(frozen=True)
class Limits:
    speed: Annotated[float, "speed [m/s]"] = 0.3


@dataclass(frozen=True)
class Settings:
    limits: Annotated[Limits, "limits"] = Limits()
    enable_at_start: Annotated[bool, "enable the arm at once"] = False
    command_gain: Annotated[float, "gain"] = 1.0


Make = Callable[..., Node]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes a node with the declared Settings that was given --ros-args."""
    made: list[tuple[Node, Context]] = []

    def make(*arguments: str) -> Node:
        context = Context()
        context.init(args=["--ros-args", *arguments])
        node = rclpy.create_node("arm", context=context)
        made.append((node, context))
        parameters.declare(node, Settings())
        return node

    yield make
    for node, context in made:
        node.destroy_node()
        context.shutdown()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("limits.sped:=0.1", "unknown parameter 'limits.sped', did you mean limits.speed?"),
        ("speed:=0.1", "unknown parameter 'speed', did you mean limits.speed?"),
        ("arm_at_start:=true", "unknown parameter 'arm_at_start', which is called enable_at_start now"),
        ("lead:=2.0", "unknown parameter 'lead', which is called command_gain now"),
        ("pace:=real", "unknown parameter 'pace' (known: command_gain, enable_at_start, limits.speed, "),
        ("zzz:=1", "unknown parameter 'zzz' (known: command_gain, enable_at_start, limits.speed, "),
    ],
)
def test_the_error_names_the_parameter_and_the_closest_known_one(make: Make, given: str, error: str) -> None:
    node = make("-p", given)
    with pytest.raises(ValueError) as raised:
        parameters.check_overrides(node)
    assert str(raised.value).startswith(error)


def test_the_error_names_every_unknown_parameter(make: Make) -> None:
    node = make("-p", "lead:=2.0", "-p", "limits.sped:=0.1")
    with pytest.raises(ValueError, match=r"'lead', which is .* now; 'limits\.sped', did you mean limits\.speed\?"):
        parameters.check_overrides(node)


def test_known_parameters_and_those_of_ros_are_allowed(make: Make) -> None:
    given = (
        "limits.speed:=0.1",
        "command_gain:=2.0",
        "use_sim_time:=true",
        "start_type_description_service:=false",
        "qos_overrides./command.publisher.depth:=5",
        "other_node:arm_at_start:=true",  # of a node with another name
    )
    parameters.check_overrides(make(*(word for each in given for word in ("-p", each))))


def test_a_parameter_file_is_checked_too(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "parameters.yaml"
    file.write_text("/**:\n  ros__parameters:\n    limits: {speed: 0.1, acceleration: 1.0}\n")
    with pytest.raises(ValueError, match=r"unknown parameter 'limits\.acceleration'"):
        parameters.check_overrides(make("--params-file", str(file)))


class Minimal(ManagedNode):
    """Has the Settings, and no other parameter but autostart."""

    settings: Settings | None = None

    def __init__(self) -> None:
        super().__init__("minimal")
        parameters.declare(self, Settings())

    def configure(self) -> None:
        self.settings = parameters.read(self, Settings, Settings())


def test_a_managed_node_does_not_configure_itself(capfd: pytest.CaptureFixture[str]) -> None:
    rclpy.init(args=["--ros-args", "-p", "autostrat:=false"])
    node: Any = Minimal()
    try:
        assert node.trigger_configure() == TransitionCallbackReturn.FAILURE
        assert node.settings is None
    finally:
        node.destroy_node()
        rclpy.shutdown()
    assert "unknown parameter 'autostrat', did you mean autostart?" in capfd.readouterr().err

"""One kind of robot, as the graph uses it: its nodes, checks and needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from zprl_bringup.graph.spec import NodeSpec
from zprl_core.latency import Latency

S = TypeVar("S")  # GraphSettings, which import this module


@dataclass(frozen=True)
class RobotSlot:
    """The place of one robot in the graph."""

    name: str
    namespace: str
    seed: int
    shared: tuple[tuple[str, str], ...] = ()
    clock: tuple[tuple[str, str], ...] = ()


def _real(settings: object) -> Latency:
    return Latency.REAL


def _no_warning(settings: object) -> str:
    return ""


@dataclass(frozen=True)
class Robot(Generic[S]):
    """One kind of robot: `zprl up --robot NAME` starts its nodes."""

    name: str
    text: str  # one line of help
    nodes: Callable[[S, RobotSlot], tuple[NodeSpec, ...]]  # driver and surroundings, without policy
    check: Callable[[S], None]  # raises ValueError for settings that this robot does not support
    latency: Callable[[S], Latency] = _real  # latency of the arm, compared with the base's
    fixed_rate: float = 0.0  # control rate that a station cannot change [Hz]; 0: the station's
    namespace: str = ""  # of our nodes, where the robot's own driver uses the same topic names
    warning: Callable[[S], str] = _no_warning  # warning to show before the start; "": none
    needs_operator: bool = True  # True: an operator enables the arm, arranges the scene and labels episodes
    teleoperated: bool = True  # True: its arm follows a teleoperation device
    remote: bool = False  # True: the arm has a network address, given by --hostname
    doctor: str = ""  # module:function that returns the arm's checks for zprl doctor; "": none

    def __post_init__(self) -> None:
        if not self.name or not self.text:
            raise ValueError(f"a robot needs a name and a text, got {self.name!r} and {self.text!r}")
        if self.doctor and self.doctor.count(":") != 1:
            raise ValueError(f"robot {self.name}: doctor is {self.doctor!r}; write module:function")

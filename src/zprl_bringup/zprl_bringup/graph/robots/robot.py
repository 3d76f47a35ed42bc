"""What the graph knows about one kind of robot."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from zprl_bringup.graph.spec import NodeSpec
from zprl_core.latency import Latency

S = TypeVar("S")  # GraphSettings, which know their robot


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
    check: Callable[[S], None]  # raises ValueError for settings that this robot cannot have
    latency: Callable[[S], Latency] = _real  # the arm's, to compare with the base's
    fixed_rate: float = 0.0  # control rate that no station changes [Hz]; 0: the station's
    namespace: str = ""  # of its nodes, where the names of ours are taken by its own driver
    warning: Callable[[S], str] = _no_warning  # what the user should know before the start; "": nothing
    needs_operator: bool = True  # who enables the arm, arranges the scene and labels the episodes
    remote: bool = False  # has an address of its own, which --hostname gives
    doctor: str = ""  # module:function that gives the checks of the arm to zprl doctor; "": it has none

    def __post_init__(self) -> None:
        if not self.name or not self.text:
            raise ValueError(f"a robot needs a name and a text, got {self.name!r} and {self.text!r}")
        if self.doctor and self.doctor.count(":") != 1:
            raise ValueError(f"robot {self.name}: doctor is {self.doctor!r}; write module:function")

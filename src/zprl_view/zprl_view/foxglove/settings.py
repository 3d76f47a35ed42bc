"""The parameters of the Foxglove node."""

from dataclasses import dataclass
from typing import Annotated

from zprl_core.config.metadata import Range, check_ranges

LOOPBACK, PORT = "127.0.0.1", 8765


@dataclass(frozen=True)
class FoxgloveSettings:
    """The parameters of the Foxglove node. Field names are parameter names."""

    host: Annotated[
        str, "address to listen on; 0.0.0.0: every network, where anyone who reaches the port sees every topic"
    ] = LOOPBACK
    port: Annotated[int, "port to listen on; 0: a free one, which the log names", Range(0, 65535)] = PORT
    topics: Annotated[
        tuple[str, ...], "topics to offer, as full names in which * stands for any text; none given: every topic"
    ] = ()
    image_rate: Annotated[float, "images of each topic are sent this often at most [Hz]", Range(0.1, 100)] = 5.0
    rate: Annotated[
        float,
        "states of each topic, such as joints, poses and statuses, are sent this often at most [Hz]",
        Range(0.1, 1000),
    ] = 50.0
    backlog: Annotated[
        int, "messages that wait for a slow viewer; when there are more, the oldest are dropped", Range(32, 4096)
    ] = 64

    def __post_init__(self) -> None:
        check_ranges(self)
        if not self.host:
            raise ValueError(f"host is empty; give an address of this machine, such as {LOOPBACK}")

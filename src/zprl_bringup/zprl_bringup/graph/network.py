"""The network of a graph: its nodes find each other on one machine or on several."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from zprl_core.config.metadata import Range, check_ranges

SERVER_PORT, ROUTER_PORT = 11811, 7447  # the usual ones of a discovery server and a Zenoh router
LAST_SAFE_DOMAIN = 101  # Linux gives the ports of higher ones to any program


class Only(str, Enum):
    """The part of a graph that this machine runs."""

    ROBOT = "robot"  # robots, each with policy and episode node
    LEARNER = "learner"


class Discovery(str, Enum):
    """The way in which nodes find each other."""

    AUTOMATIC = "automatic"  # localhost for a whole graph, subnet for a part of one
    LOCALHOST = "localhost"  # on this machine only
    SUBNET = "subnet"  # by multicast
    PEERS = "peers"  # each machine names the others
    SERVER = "server"  # through Fast DDS's discovery server
    ZENOH = "zenoh"  # through a Zenoh router, with rmw_zenoh_cpp


@dataclass(frozen=True)
class Network:
    """Settings of the network; the user's own environment variables take precedence."""

    discovery: Annotated[
        Discovery,
        "how nodes find each other. automatic: localhost for a whole graph, subnet for a part; localhost; subnet: by "
        "multicast; peers: hosts are the other machines; server: hosts run Fast DDS's discovery server; zenoh: hosts "
        "run a Zenoh router",
    ] = Discovery.AUTOMATIC
    hosts: Annotated[tuple[str, ...], "names or addresses of other machines, for peers, server and zenoh"] = ()
    domain: Annotated[int | None, "ROS domain, the same on every machine", Range(0, LAST_SAFE_DOMAIN)] = None

    def __post_init__(self) -> None:
        check_ranges(self, "network.")
        named = self.discovery in (Discovery.PEERS, Discovery.SERVER, Discovery.ZENOH)
        if named and not self.hosts:
            raise ValueError(f"network.discovery {self.discovery.value} needs network.hosts; name the machines")
        if self.hosts and not named:
            raise ValueError(
                f"network.hosts is for discovery peers, server or zenoh, not {self.discovery.value}; remove it, or "
                "choose one of them"
            )
        for host in self.hosts:
            if not host or set(host) & set(' ;"[]'):
                raise ValueError(f"network.hosts has {host[:50]!r}; write the name or the address of a machine")

    def env(self, only: Only | None) -> dict[str, str]:
        """Return the variables for the nodes of a whole graph, or of a part of one."""
        domain = {} if self.domain is None else {"ROS_DOMAIN_ID": str(self.domain)}
        return domain | self._discovery(only)

    def _discovery(self, only: Only | None) -> dict[str, str]:
        match self.discovery:
            case Discovery.AUTOMATIC:
                return {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST" if only is None else "SUBNET"}
            case Discovery.PEERS:
                return {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST", "ROS_STATIC_PEERS": ";".join(self.hosts)}
            case Discovery.SERVER:
                return {"ROS_DISCOVERY_SERVER": ";".join(_with_port(host, SERVER_PORT) for host in self.hosts)}
            case Discovery.ZENOH:
                routers = ",".join(f'"tcp/{_with_port(host, ROUTER_PORT)}"' for host in self.hosts)
                return {
                    "RMW_IMPLEMENTATION": "rmw_zenoh_cpp",
                    "ZENOH_CONFIG_OVERRIDE": f"connect/endpoints=[{routers}]",
                }
            case _:
                return {"ROS_AUTOMATIC_DISCOVERY_RANGE": self.discovery.value.upper()}


def leaves_machine(env: Mapping[str, str]) -> bool:
    """True when these variables let nodes find those of other machines."""
    if any(env.get(name) for name in ("ROS_STATIC_PEERS", "ROS_DISCOVERY_SERVER", "ZENOH_CONFIG_OVERRIDE")):
        return True
    return env.get("ROS_AUTOMATIC_DISCOVERY_RANGE") in ("SUBNET", "SYSTEM_DEFAULT")


def _with_port(host: str, port: int) -> str:
    """Add the usual port to a host without one; an IPv6 address stands in brackets then."""
    if host.count(":") > 1:
        return f"[{host}]:{port}"
    return host if ":" in host else f"{host}:{port}"

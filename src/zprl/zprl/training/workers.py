"""Number and place of the processes that pretrain together, on one machine or on several."""

from collections.abc import Mapping
from dataclasses import dataclass

LOCALHOST = "127.0.0.1"
VARIABLES = (
    "MASTER_ADDR",
    "MASTER_PORT",
    "NODE_RANK",
)  # of several machines, as Lightning Fabric and torchrun name them
TORCHRUN = "TORCHELASTIC_RUN_ID"  # set in each process that torchrun starts


@dataclass(frozen=True)
class Workers:
    """The processes that share each batch of pretraining: `devices` of them on each of `nodes` machines."""

    devices: int | None = None  # None: all GPUs for a network that observes images, else one process on the CPU
    nodes: int = 1
    node_rank: int = 0  # number of this machine
    address: str = LOCALHOST  # of the machine with node_rank 0
    port: int = 0  # at which the processes meet there; 0: a free one
    local_rank: int | None = None  # number of this process on this machine if torchrun started it; None: it starts them

    def __post_init__(self) -> None:
        if (self.devices is not None and self.devices < 1) or self.nodes < 1:
            raise ValueError(f"devices and nodes must be at least 1, got {self.devices} and {self.nodes}")
        if not 0 <= self.node_rank < self.nodes:
            raise ValueError(
                f"NODE_RANK is {self.node_rank}, but {self.nodes} machines have the numbers 0 to {self.nodes - 1}; set "
                "it to this machine's"
            )

    @property
    def leads(self) -> bool:
        """True for the one command that keeps the result; the others only compute."""
        return self.node_rank == 0 and self.local_rank in (None, 0)

    @property
    def alone(self) -> bool:
        """True if this command starts all of them."""
        return self.nodes == 1 and self.local_rank is None


ALONE = Workers()


def workers_from(devices: int | None, nodes: int, env: Mapping[str, str]) -> Workers:
    """Returns the processes of `devices` on each of `nodes` machines, or those that torchrun started.

    Raises ValueError for variables of several machines that are missing or no numbers, and for numbers that differ from
    torchrun's.
    """
    if TORCHRUN in env:
        return _of_torchrun(devices, nodes, env)
    if nodes == 1:
        return Workers(devices)
    missing = [name for name in VARIABLES if not env.get(name)]
    if missing:
        raise ValueError(
            f"--nodes {nodes} needs {', '.join(missing)} in the environment: address and a free port of the first "
            "machine, the same everywhere, and this machine's number from 0"
        )
    if devices is None:
        raise ValueError("--nodes needs --devices, the same number on every machine")
    port, rank = _number(env, "MASTER_PORT"), _number(env, "NODE_RANK")
    return Workers(devices, nodes, rank, env["MASTER_ADDR"], port)


def _of_torchrun(devices: int | None, nodes: int, env: Mapping[str, str]) -> Workers:
    here, everywhere = _number(env, "LOCAL_WORLD_SIZE"), _number(env, "WORLD_SIZE")
    if here == everywhere == 1:
        return workers_from(devices, nodes, {name: x for name, x in env.items() if name != TORCHRUN})
    place = _number(env, "GROUP_RANK"), env.get("MASTER_ADDR", LOCALHOST), _number(env, "MASTER_PORT")
    found = Workers(here, everywhere // here, *place, _number(env, "LOCAL_RANK"))
    if devices not in (None, found.devices) or nodes not in (1, found.nodes):
        raise ValueError(
            f"torchrun started {here} processes on each of {found.nodes} machines; remove --devices and --nodes"
        )
    return found


def _number(env: Mapping[str, str], name: str) -> int:
    text = env.get(name, "")
    if not text.isdecimal():
        raise ValueError(f"the environment variable {name} must be a whole number, got {text!r}; set it again")
    return int(text)

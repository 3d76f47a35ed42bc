"""Reserves a ROS domain for a graph: two graphs in one domain would drive each other's robots.

A part of a graph, robots or learner, reserves its part of the domain, so that the other one may run beside it.

Each user has lock files of their own, as one user's files cannot be locked by another one. A graph of another user
counts while the process that its lock file names runs.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from zprl_bringup.graph.network import leaves_machine
from zprl_bringup.graph.spec import Graph, GraphError
from zprl_bringup.runner.domain_ports import LAST_DOMAIN, bound_domains
from zprl_core.errors import remedy
from zprl_core.host import owned_lock
from zprl_core.host.owned_lock import OwnedLock
from zprl_core.host.processes import Process, user_name

CANDIDATES = range(90, 10, -1)  # large ones, as users choose small ones; Linux allows 0 to 101
UDP_TABLES = (Path("/proc/net/udp"), Path("/proc/net/udp6"))
ROBOTS, LEARNER = "", "learner-"  # parts of a domain, as in the names of their lock files
WHOLE = (ROBOTS, LEARNER)


def parts_of(graph: Graph) -> tuple[str, ...]:
    """Return the parts of a domain that the graph needs."""
    learners = graph.find("learner_node")
    if not learners:
        return (ROBOTS,)
    return (LEARNER,) if learners == graph.nodes else WHOLE


@contextmanager
def own_domain(
    env: Mapping[str, str] = os.environ, locks: Path | None = None, parts: tuple[str, ...] = WHOLE
) -> Iterator[int]:
    """Reserve a ROS domain for a graph, or parts of one, until the block ends.

    Yields ROS_DOMAIN_ID if it is set, otherwise an unused domain. Raises GraphError when another zprl graph uses the
    domain, when none is free, or when one must be chosen.
    """
    folder = lock_folder() if locks is None else locks
    wanted = env.get("ROS_DOMAIN_ID", "")
    check_chosen(env)
    domain, taken = _lock_wanted(folder, wanted, parts) if wanted else _lock_free(folder, parts)
    with taken:
        yield domain


def check_chosen(env: Mapping[str, str]) -> None:
    """Raises GraphError when no domain is chosen, although a free one on this machine may be used elsewhere."""
    if env.get("ROS_DOMAIN_ID"):
        return
    if env.get("ROS_SECURITY_ENABLE") == "true":
        raise GraphError("ROS_SECURITY_ENABLE is true, but ROS_DOMAIN_ID is not set; set it to the keystore's domain")
    if leaves_machine(env):
        raise GraphError(
            "the nodes may find those of other machines, but no ROS domain is chosen, so that another robot on the "
            "network may have the same one; set ROS_DOMAIN_ID, or network.domain in the station, to a number from 0 to "
            "101 that only this run has, the same on each of its machines"
        )


def lock_folder() -> Path:
    """Return the temporary folder, which the users of a machine share."""
    try:
        return Path(tempfile.gettempdir())
    except OSError as error:
        raise GraphError(f"{error}; free space in /tmp and make it writable, or set TMPDIR") from None


def _lock_wanted(folder: Path, wanted: str, parts: tuple[str, ...]) -> tuple[int, ExitStack]:
    if not wanted.isdecimal() or int(wanted) > LAST_DOMAIN:
        raise GraphError(f"ROS_DOMAIN_ID={wanted!r} is not a ROS domain; set it to a number from 0 to 101, or unset it")
    domain = int(wanted)
    taken, part = _locked(folder, domain, parts)
    if taken is None:
        other = _other_user(folder, domain, part)
        busy = str(other) if other is not None else owned_lock.owner_words(lock_path(folder, domain, part))
        raise GraphError(
            f"ROS domain {domain} is busy: another zprl graph runs there ({busy}); "
            "set ROS_DOMAIN_ID to another number, or unset it so that a free one is chosen"
        )
    return domain, taken


def _lock_free(folder: Path, parts: tuple[str, ...]) -> tuple[int, ExitStack]:
    bound: set[int] = set()
    for table in UDP_TABLES:
        if table.exists():
            bound |= bound_domains(table.read_text())
    for domain in CANDIDATES:
        taken = None if domain in bound else _locked(folder, domain, parts)[0]
        if taken is not None:
            return domain, taken
    raise GraphError("no ROS domain from 11 to 90 is free; stop a graph, or set ROS_DOMAIN_ID to a free number")


def lock_path(folder: Path, domain: int, part: str) -> Path:
    """Return this user's lock file of a part of the domain."""
    return folder / f"zprl-ros-domain-{domain}-{part}{os.geteuid()}.lock"


def _locked(folder: Path, domain: int, parts: tuple[str, ...]) -> tuple[ExitStack | None, str]:
    """Lock the parts of the domain. None, and the part, when another graph has one of them."""
    with ExitStack() as stack:
        for part in parts:
            lock = _lock(folder, domain, part)
            if lock is None:
                return None, part
            stack.enter_context(lock)
        return stack.pop_all(), ""


def _lock(folder: Path, domain: int, part: str) -> OwnedLock | None:
    """Lock a part of the domain; None when another graph has it.

    Two users who start at one moment see each other's lock files, as each locks first and looks afterwards.
    """
    path = lock_path(folder, domain, part)
    try:
        lock = owned_lock.acquire(path, 0o644)
    except OSError as error:
        raise GraphError(f"{user_name(os.geteuid())} cannot lock {path}: {error.strerror}; {remedy(error)}") from None
    if lock is not None and _other_user(folder, domain, part) is not None:
        lock.close()
        return None
    return lock


def _other_user(folder: Path, domain: int, part: str) -> Process | None:
    """Return the running graph of another user in this part of the domain."""
    others = set(folder.glob(f"zprl-ros-domain-{domain}-{part}[0-9]*.lock")) - {lock_path(folder, domain, part)}
    return next(filter(None, map(owned_lock.owner, sorted(others))), None)

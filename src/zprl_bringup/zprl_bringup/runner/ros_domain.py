"""Reserves a ROS domain for a graph: two graphs in one domain would drive each other's robots."""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from zprl_bringup.graph.spec import GraphError

CANDIDATES = range(90, 10, -1)  # large ones, as users choose small ones; Linux allows 0 to 101
FIRST_PORT = 7400  # DDS: the ports of a domain start at 7400 + 250 * domain
PORTS_PER_DOMAIN = 250
LAST_DOMAIN = 232
UDP_TABLES = (Path("/proc/net/udp"), Path("/proc/net/udp6"))


@contextmanager
def own_domain(env: Mapping[str, str] = os.environ, locks: Path | None = None) -> Iterator[int]:
    """Reserve a ROS domain for a graph until the block ends.

    Yields ROS_DOMAIN_ID if it is set, otherwise an unused domain. Raises GraphError when another zprl graph uses the
    domain, or when none is free.
    """
    folder = Path(tempfile.gettempdir()) if locks is None else locks
    wanted = env.get("ROS_DOMAIN_ID", "")
    if not wanted and env.get("ROS_SECURITY_ENABLE") == "true":
        raise GraphError("ROS_SECURITY_ENABLE is true, but ROS_DOMAIN_ID is not set; set it to the keystore's domain")
    domain, lock = _lock_wanted(folder, wanted) if wanted else _lock_free(folder)
    try:
        yield domain
    finally:
        lock.close()


def bound_domains(table: str) -> set[int]:
    """Return the domains with bound ports, from the text of /proc/net/udp."""
    domains = set()
    for line in table.splitlines()[1:]:
        port = int(line.split()[1].rpartition(":")[2], 16)
        domain = (port - FIRST_PORT) // PORTS_PER_DOMAIN
        if 0 <= domain <= LAST_DOMAIN:
            domains.add(domain)
    return domains


def _lock_wanted(folder: Path, wanted: str) -> tuple[int, IO[str]]:
    if not wanted.isdecimal() or int(wanted) > LAST_DOMAIN:
        raise GraphError(f"ROS_DOMAIN_ID={wanted!r} is not a ROS domain; set it to a number from 0 to 101, or unset it")
    domain = int(wanted)
    lock = _locked(folder, domain)
    if lock is None:
        raise GraphError(
            f"ROS domain {domain} is busy: another zprl graph{_holder(folder, domain)} runs there; "
            "set ROS_DOMAIN_ID to another number, or unset it so that a free one is chosen"
        )
    return domain, lock


def _lock_free(folder: Path) -> tuple[int, IO[str]]:
    bound: set[int] = set()
    for table in UDP_TABLES:
        if table.exists():
            bound |= bound_domains(table.read_text())
    for domain in CANDIDATES:
        lock = None if domain in bound else _locked(folder, domain)
        if lock is not None:
            return domain, lock
    raise GraphError("no ROS domain from 11 to 90 is free; stop a graph, or set ROS_DOMAIN_ID to a free number")


def _path(folder: Path, domain: int) -> Path:
    return folder / f"zprl-ros-domain-{domain}.lock"


def _locked(folder: Path, domain: int) -> IO[str] | None:
    """Lock the domain until the file is closed; None when another process holds the lock."""
    try:
        lock = _path(folder, domain).open("a+")
    except PermissionError:
        return None  # the lock of another user
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _holder(folder: Path, domain: int) -> str:
    try:
        return f" (process {int(_path(folder, domain).read_text())})"
    except (OSError, ValueError):
        return ""

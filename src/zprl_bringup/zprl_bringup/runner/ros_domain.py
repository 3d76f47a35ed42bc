"""Reserves a ROS domain for a graph: two graphs in one domain would drive each other's robots.

Each user has lock files of their own, as one user's files cannot be locked by another one. A graph of another user
counts while the process that its lock file names runs.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from zprl_bringup.graph.spec import GraphError
from zprl_bringup.runner.domain_ports import LAST_DOMAIN, bound_domains
from zprl_core.errors import remedy
from zprl_core.host import owned_lock
from zprl_core.host.owned_lock import OwnedLock
from zprl_core.host.processes import Process, user_name

CANDIDATES = range(90, 10, -1)  # large ones, as users choose small ones; Linux allows 0 to 101
UDP_TABLES = (Path("/proc/net/udp"), Path("/proc/net/udp6"))


@contextmanager
def own_domain(env: Mapping[str, str] = os.environ, locks: Path | None = None) -> Iterator[int]:
    """Reserve a ROS domain for a graph until the block ends.

    Yields ROS_DOMAIN_ID if it is set, otherwise an unused domain. Raises GraphError when another zprl graph uses the
    domain, or when none is free.
    """
    folder = _folder() if locks is None else locks
    wanted = env.get("ROS_DOMAIN_ID", "")
    if not wanted and env.get("ROS_SECURITY_ENABLE") == "true":
        raise GraphError("ROS_SECURITY_ENABLE is true, but ROS_DOMAIN_ID is not set; set it to the keystore's domain")
    domain, lock = _lock_wanted(folder, wanted) if wanted else _lock_free(folder)
    with lock:
        yield domain


def _folder() -> Path:
    """Return the temporary folder, which the users of a machine share."""
    try:
        return Path(tempfile.gettempdir())
    except OSError as error:
        raise GraphError(f"{error}; free space in /tmp and make it writable, or set TMPDIR") from None


def _lock_wanted(folder: Path, wanted: str) -> tuple[int, OwnedLock]:
    if not wanted.isdecimal() or int(wanted) > LAST_DOMAIN:
        raise GraphError(f"ROS_DOMAIN_ID={wanted!r} is not a ROS domain; set it to a number from 0 to 101, or unset it")
    domain = int(wanted)
    lock = _locked(folder, domain)
    if lock is None:
        other = _other_user(folder, domain)
        busy = str(other) if other is not None else owned_lock.owner_words(_path(folder, domain))
        raise GraphError(
            f"ROS domain {domain} is busy: another zprl graph runs there ({busy}); "
            "set ROS_DOMAIN_ID to another number, or unset it so that a free one is chosen"
        )
    return domain, lock


def _lock_free(folder: Path) -> tuple[int, OwnedLock]:
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
    return folder / f"zprl-ros-domain-{domain}-{os.geteuid()}.lock"


def _locked(folder: Path, domain: int) -> OwnedLock | None:
    """Lock the domain; None when another graph has it.

    Two users who start at one moment see each other's lock files, as each locks first and looks afterwards.
    """
    path = _path(folder, domain)
    try:
        lock = owned_lock.acquire(path, 0o644)
    except OSError as error:
        raise GraphError(f"{user_name(os.geteuid())} cannot lock {path}: {error.strerror}; {remedy(error)}") from None
    if lock is not None and _other_user(folder, domain) is not None:
        lock.close()
        return None
    return lock


def _other_user(folder: Path, domain: int) -> Process | None:
    """Return the running graph of another user in this domain."""
    others = set(folder.glob(f"zprl-ros-domain-{domain}-*.lock")) - {_path(folder, domain)}
    return next(filter(None, map(owned_lock.owner, sorted(others))), None)

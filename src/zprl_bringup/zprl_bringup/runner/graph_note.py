"""Tells other programs of the same user which graphs run: their nodes, and the environment that finds them."""

import contextlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from zprl_bringup.graph.spec import Graph
from zprl_bringup.runner.ros_domain import lock_folder, lock_path, parts_of
from zprl_core.host import owned_lock

SUFFIX = ".graph"  # of a note, beside the lock file of its domain
MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class GraphNote:
    """A running graph, or the part of one that runs on this machine."""

    domain: int
    nodes: tuple[str, ...]  # full names
    env: dict[str, str]  # variables with which a program finds them
    run_folder: str = ""  # full path


@contextmanager
def noted(
    graph: Graph, domain: int, env: dict[str, str], locks: Path | None = None, run_folder: Path | None = None
) -> Iterator[None]:
    """Keep a note of the graph until the block ends. The caller holds the domain's lock.

    `env`: of its nodes. A note that cannot be written is left out: only `zprl health` and `zprl console` read it.
    """
    folder = lock_folder() if locks is None else locks
    path = _note(lock_path(folder, domain, parts_of(graph)[0]))
    folder_name = "" if run_folder is None else str(run_folder.absolute())
    note = GraphNote(domain, tuple(node.full_name for node in graph.nodes), env, folder_name)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(file, "w") as text:
            json.dump(asdict(note), text)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def running_graphs(domain: int | None = None, locks: Path | None = None) -> list[GraphNote]:
    """Return this user's running graphs. `domain`: of that ROS domain only."""
    folder = lock_folder() if locks is None else locks
    wanted = "*" if domain is None else str(domain)
    held = sorted(folder.glob(f"zprl-ros-domain-{wanted}-*{os.geteuid()}.lock"))
    notes = [_read(_note(path)) for path in held if owned_lock.owner(path) is not None]
    return [note for note in notes if note is not None]


def _note(lock: Path) -> Path:
    return lock.with_suffix(SUFFIX)


def _read(path: Path) -> GraphNote | None:
    """Read a note; None where there is none of this user's."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(file, "rb") as text:
            if os.fstat(file).st_uid != os.geteuid():
                return None
            saved = json.loads(text.read(MOST_BYTES))
        nodes, run_folder = tuple(map(str, saved["nodes"])), str(saved.get("run_folder", ""))
        return GraphNote(int(saved["domain"]), nodes, dict(saved["env"]), run_folder)
    except (OSError, ValueError, TypeError, KeyError):
        return None

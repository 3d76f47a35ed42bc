"""Names the processes of this machine: whose they are, what they run, and who holds a file or a port."""

import os
import pwd
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
COMMAND_LENGTH = 80  # longest command line shown, in characters
LISTEN = "0A"  # state of a listening socket in /proc/net/tcp


@dataclass(frozen=True)
class Process:
    """A process as others on the machine know it. `pid` and `started` identify it: Linux reuses process ids."""

    pid: int
    started: int  # clock ticks from the machine's start to the process's
    uid: int
    command: str
    since: str  # local date and time of its start

    def __post_init__(self) -> None:
        if self.pid < 1 or self.started < 0 or self.uid < 0:
            raise ValueError(f"not a process: pid {self.pid}, started {self.started}, uid {self.uid}")

    def __str__(self) -> str:
        return f"process {self.pid} of {user_name(self.uid)}, since {self.since}: {self.command}"

    @property
    def alive(self) -> bool:
        """True while this very process runs."""
        return start_ticks(self.pid) == self.started


def user_name(uid: int) -> str:
    """Return the login name of a user; without an entry in the password database, the number."""
    try:
        return f"user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user {uid}"


def start_ticks(pid: int, proc: Path = PROC) -> int | None:
    """Return when a process started, in clock ticks after the machine; None when it does not run."""
    try:
        fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])  # a zombie has ended


def read_process(pid: int, proc: Path = PROC) -> Process | None:
    """Read a process of any user; None when it does not run."""
    started = start_ticks(pid, proc)
    if started is None:
        return None
    try:
        uid = (proc / str(pid)).stat().st_uid
        words = (proc / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        uptime_s = float((proc / "uptime").read_text().split()[0])
    except OSError:
        return None
    age_s = uptime_s - started / os.sysconf("SC_CLK_TCK")
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() - age_s))
    line = "".join(c if c.isprintable() else "?" for c in " ".join(words).strip())
    return Process(pid, started, uid, line[:COMMAND_LENGTH], since)


def this_process() -> Process:
    """Return the calling process."""
    process = read_process(os.getpid())
    if process is None:
        raise OSError("/proc does not show this process; mount it: mount -t proc proc /proc")
    return process


def holders(path: Path, proc: Path = PROC) -> tuple[Process, ...]:
    """Return the processes that have a file or device open, as far as this user may see them."""
    try:
        wanted = path.stat()
    except OSError:
        return ()
    found = []
    for pid in _pids(proc):
        if _has_open(proc / str(pid) / "fd", wanted):
            process = read_process(pid, proc)
            found += [process] if process is not None else []
    return tuple(found)


def held_by(path: Path, proc: Path = PROC) -> str:
    """Return who has a file or device open, for an error message.

    The open files of other users cannot be seen without root; then this says so.
    """
    known = holders(path, proc)
    if known:
        return "; ".join(map(str, known))
    if os.geteuid():
        return f"a process of another user (sudo fuser -v {path} shows it)"
    return "no process of this machine"


def device_trouble(path: Path, group: str) -> str:
    """Return why a device does not open, with the remedy, for an error message. `group`: the group that may use it."""
    if not os.access(path, os.R_OK | os.W_OK):
        return f"no permission; run sudo usermod -aG {group} $USER, and log in again"
    known = holders(path)
    if known:
        return f"in use by {'; '.join(map(str, known))}; end it, as only one program may use the device"
    if os.geteuid():
        return f"in use by another user's process (sudo fuser -v {path} shows it), or broken; then plug it in again"
    return "no process has it open; plug it in again"


def port_owner(port: int, proc: Path = PROC) -> str:
    """Return who listens on a TCP port, for an error message; "" when it is free."""
    for table in (proc / "net" / "tcp", proc / "net" / "tcp6"):
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            fields = line.split()
            if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                return _socket_owner(fields[9], int(fields[7]), proc)
    return ""


def _socket_owner(inode: str, uid: int, proc: Path) -> str:
    for pid in _pids(proc):
        links = map(_link, _open_files(proc / str(pid) / "fd"))
        process = read_process(pid, proc) if f"socket:[{inode}]" in links else None
        if process is not None:
            return str(process)
    return f"a process of {user_name(uid)}"


def _pids(proc: Path) -> list[int]:
    return [int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal()]


def _open_files(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # the process has ended, or is another user's
        return []


def _link(path: Path) -> str:
    try:
        return os.readlink(path)
    except OSError:  # just closed
        return ""


def _has_open(folder: Path, wanted: os.stat_result) -> bool:
    for entry in _open_files(folder):
        try:
            there = entry.stat()
        except OSError:
            continue
        if (there.st_dev, there.st_ino) == (wanted.st_dev, wanted.st_ino):
            return True
        if wanted.st_rdev and there.st_rdev == wanted.st_rdev:
            return True
    return False

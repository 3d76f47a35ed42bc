"""Processes say whose they are, and are found by what they hold."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from zprl_core.host.processes import (
    Process,
    held_by,
    holders,
    port_owner,
    read_process,
    start_ticks,
    this_process,
    user_name,
)


def folder_of(proc: Path, pid: int, started: int, state: str = "S") -> Path:
    """A process in a made-up /proc, with a name that holds spaces and brackets."""
    folder = proc / str(pid)
    (folder / "fd").mkdir(parents=True)
    fields = " ".join([state, *["0"] * 18, str(started), *["0"] * 30])
    (folder / "stat").write_text(f"{pid} (a) b (c) {fields}\n")
    (folder / "cmdline").write_bytes(b"zprl\0up\0")
    (proc / "uptime").write_text("1000.0 0.0\n")
    return folder


def test_a_process_is_read_with_its_start(tmp_path: Path) -> None:
    folder_of(tmp_path, 17, 4200)
    process = read_process(17, tmp_path)
    assert process is not None and (process.pid, process.started, process.command) == (17, 4200, "zprl up")
    assert process.uid == os.geteuid() and str(process).startswith(f"process 17 of {user_name(os.geteuid())}, since 20")


def test_a_zombie_and_a_missing_process_do_not_run(tmp_path: Path) -> None:
    folder_of(tmp_path, 17, 4200, "Z")
    assert start_ticks(17, tmp_path) is None and start_ticks(18, tmp_path) is None
    assert read_process(17, tmp_path) is None


def test_a_reused_process_id_is_another_process() -> None:
    here = this_process()
    assert here.alive and here.pid == os.getpid()
    assert not Process(here.pid, here.started + 1, here.uid, here.command, here.since).alive


@pytest.mark.parametrize(("pid", "started", "uid"), [(0, 1, 1), (1, -1, 1), (1, 1, -1)])
def test_nonsense_is_no_process(pid: int, started: int, uid: int) -> None:
    with pytest.raises(ValueError, match="not a process"):
        Process(pid, started, uid, "zprl", "2026-01-01 00:00")


def test_a_user_without_an_entry_has_a_number() -> None:
    assert user_name(0) == "user root"
    assert user_name(3_000_000_123) == "user 3000000123"


def test_who_has_a_file_open(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    file.touch()
    assert holders(file) == () and holders(tmp_path / "none") == ()
    code = "import sys; f = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        assert [process.pid for process in holders(file)] == [other.pid]
        assert f"process {other.pid} of user" in held_by(file)
        other.communicate("", timeout=600)


def test_what_another_user_has_open_cannot_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_of(tmp_path, 17, 4200)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert held_by(Path("/dev/null"), tmp_path) == "a process of another user (sudo fuser -v /dev/null shows it)"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert held_by(Path("/dev/null"), tmp_path) == "no process of this machine"


def test_who_listens_on_a_port(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert port_owner(port) == ""
        server.listen()
        assert port_owner(port).startswith(f"process {os.getpid()} of user")
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:0539 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1\n"
    )
    assert port_owner(1337, tmp_path) == "a process of user root" and port_owner(1338, tmp_path) == ""

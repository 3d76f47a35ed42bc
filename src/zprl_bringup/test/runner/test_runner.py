"""The runner, on small programs in place of nodes."""

import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from zprl_bringup.graph.paths import NotBuiltError
from zprl_bringup.graph.spec import Grace, Graph, GraphError, NodeSpec
from zprl_bringup.runner.runner import Runner

PATIENT = "import time\nprint('ready', flush=True)\ntime.sleep(60)\n"
STUBBORN = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""
SAVES = """
import sys, time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("saved", flush=True)
"""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def programs(tmp_path: Path) -> Callable[..., Callable[[str, str], Path]]:
    """programs(name=source, ...) writes executables, and gives what finds them."""

    def write(**sources: str) -> Callable[[str, str], Path]:
        for name, source in sources.items():
            path = tmp_path / name
            path.write_text(f"#!{sys.executable} -S\n{textwrap.dedent(source)}")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return lambda package, executable: tmp_path / executable

    return write


def node(executable: str, **more: object) -> NodeSpec:
    return NodeSpec("package", executable, executable, **more)  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    """Whether a process of that id runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: Callable[[], bool], timeout_s: float = 600.0) -> bool:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def says(log: Path, text: str) -> bool:
    return log.exists() and text in log.read_text()


def test_nodes_run_in_groups_of_their_own_and_log_to_files(programs, tmp_path) -> None:
    graph = Graph((node("a"), node("b")))
    with Runner(graph, tmp_path / "logs", find=programs(a=PATIENT, b=PATIENT)) as runner:
        assert wait_for(lambda: says(tmp_path / "logs/a.log", "ready") and says(tmp_path / "logs/b.log", "ready"))
        pids = runner.pids
        assert {os.getpgid(pid) for pid in pids.values()} == set(pids.values())
        assert os.getpgid(0) not in pids.values()
        assert runner.poll() and not runner.failures
    assert not any(alive(pid) for pid in pids.values())
    assert runner.pids == {}


def test_sigint_comes_first(programs, tmp_path) -> None:
    with Runner(Graph((node("a"),)), tmp_path, find=programs(a=SAVES)):
        assert wait_for(lambda: says(tmp_path / "a.log", "ready"))
    assert says(tmp_path / "a.log", "saved")


def test_sigkill_comes_last(programs, tmp_path) -> None:
    grace = Grace(sigint=0.2, sigterm=0.2)
    with Runner(Graph((node("a"),)), tmp_path, grace, find=programs(a=STUBBORN)) as runner:
        assert wait_for(lambda: says(tmp_path / "a.log", "ready"))
        pid = runner.pids["a"]
    assert not alive(pid)


def test_sigint_reaches_nodes_of_a_runner_that_ignores_it(programs, tmp_path) -> None:
    """As when a non-interactive shell starts it in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Runner(Graph((node("a"),)), tmp_path, find=programs(a=SAVES)):
            assert wait_for(lambda: says(tmp_path / "a.log", "ready"))
    finally:
        signal.signal(signal.SIGINT, before)
    assert says(tmp_path / "a.log", "saved")


def test_a_dead_node_is_started_again_where_it_says_so(programs, tmp_path) -> None:
    graph = Graph((node("a", respawn=True, respawn_delay_s=0.1),))
    with Runner(graph, tmp_path, find=programs(a=PATIENT)) as runner:
        first = runner.pids["a"]
        os.kill(first, signal.SIGKILL)
        assert runner.wait(600.0, until=lambda: runner.pids.get("a", first) != first)
        assert not runner.failures


def test_a_node_that_keeps_dying_is_a_failure(programs, tmp_path) -> None:
    graph = Graph((node("a", respawn=True, respawn_delay_s=0.05, respawn_max=2),))
    with Runner(graph, tmp_path, find=programs(a="raise RuntimeError('no luck')")) as runner:
        assert runner.wait(600.0)
        assert [failure.cause for failure in runner.failures] == ["RuntimeError: no luck"]
    assert (tmp_path / "a.log").read_text().count("Traceback") == 3


def test_a_users_error_is_not_tried_again_and_is_told(programs, tmp_path) -> None:
    program = """
    import sys
    print("[FATAL] [1700000000.123456789] [a]: base/checkpoint.json is truncated; make it again")
    sys.exit(2)
    """
    graph = Graph((node("a", respawn=True, respawn_delay_s=0.05), node("b")))
    with Runner(graph, tmp_path, find=programs(a=program, b=PATIENT)) as runner:
        assert runner.wait(600.0)
        assert str(runner.failures[0]) == "a: base/checkpoint.json is truncated; make it again"
        pid = runner.pids["b"]
    assert not alive(pid)


def test_a_node_that_is_done_is_no_failure(programs, tmp_path) -> None:
    with Runner(Graph((node("a"),)), tmp_path, find=programs(a="print('done')")) as runner:
        assert runner.wait(600.0)
        assert runner.finished == ["a"] and not runner.failures


def test_a_signal_is_named(programs, tmp_path) -> None:
    with Runner(Graph((node("a"),)), tmp_path, find=programs(a="import os\nos.abort()")) as runner:
        assert runner.wait(600.0)
    assert "SIGABRT" in str(runner.failures[0]) and "a.log" in str(runner.failures[0])


def test_what_a_node_started_ends_with_it(programs, tmp_path) -> None:
    with Runner(Graph((node("a"),)), tmp_path, find=programs(a=PARENT)) as runner:
        assert wait_for(lambda: says(tmp_path / "a.log", "\n"))
        grandchild = int((tmp_path / "a.log").read_text())
        os.kill(runner.pids["a"], signal.SIGKILL)
        assert runner.wait(600.0)
        assert wait_for(lambda: not alive(grandchild))


def test_an_exception_leaves_nothing_behind(programs, tmp_path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        Runner(Graph((node("a"),)), tmp_path, find=programs(a=PATIENT)) as runner,
    ):
        pid = runner.pids["a"]
        raise ZeroDivisionError
    assert not alive(pid)


def test_half_a_graph_is_stopped_again(programs, tmp_path) -> None:
    find = programs(a=PATIENT)
    started: list[int] = []

    class Watched(Runner):
        def stop(self) -> None:
            started.extend(self.pids.values())
            super().stop()

    (tmp_path / "b.yaml").mkdir()  # the second node's parameter file cannot be written
    with pytest.raises(GraphError, match="cannot start the graph"):
        Watched(Graph((node("a"), node("b"))), tmp_path, find=find).__enter__()
    assert len(started) == 1 and not alive(started[0])


def test_a_missing_package_is_one_clear_line(tmp_path) -> None:
    def missing(package: str, executable: str) -> Path:
        raise NotBuiltError(f"ROS package {package} was not found: build and source the workspace")

    with pytest.raises(GraphError, match="package was not found: build and source"):
        Runner(Graph((node("a"),)), tmp_path, find=missing).__enter__()


def test_no_orphan_when_the_runner_is_killed(programs, tmp_path) -> None:
    programs(a=STUBBORN)
    program = f"""
    import time
    from pathlib import Path
    from zprl_bringup.graph.spec import Graph
    from zprl_bringup.graph.graphs import NodeSpec as Node
    from zprl_bringup.runner.runner import Runner
    folder = Path({str(tmp_path)!r})
    with Runner(Graph((Node("p", "a", "a"),)), folder, find=lambda package, name: folder / name) as runner:
        print(runner.pids["a"], flush=True)
        time.sleep(60)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdout is not None
        pid = int(killed.stdout.readline())
        assert wait_for(lambda: says(tmp_path / "a.log", "ready"))
        killed.kill()
    assert wait_for(lambda: not alive(pid))


def test_a_node_that_was_shut_down_is_not_started_again(programs, tmp_path) -> None:
    graph = Graph((node("a", respawn=True, respawn_delay_s=0.05),))
    with Runner(graph, tmp_path, find=programs(a="print('done')")) as runner:
        assert runner.wait(600.0)
        assert runner.finished == ["a"] and not runner.failures

"""The simulated FCI as a command."""

import signal
import subprocess
import sys

import pytest

franky = pytest.importorskip("franky", reason="the driver (franky-control) is not installed")
pytest.importorskip("franky_sim", reason="franky-sim is not installed")

from fci_driver import connect, own_hostname  # noqa: E402
from zprl_sim.fci import main  # noqa: E402
from zprl_sim.fci.simulator import FciSim  # noqa: E402
from zprl_sim.tasks.catalog import task_named  # noqa: E402


def heed_interrupts() -> None:
    """A shell starts what runs in its background with interrupts ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_the_command_serves_and_is_replaced_after_a_kill() -> None:
    hostname = own_hostname()
    for end, status in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 0)):
        command = [sys.executable, "-m", "zprl_sim.fci.main", "--lockstep", "--hostname", hostname]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=heed_interrupts)
        try:
            assert server.stdout is not None and "serving lift" in server.stdout.readline()
            robot = connect(hostname)
            assert robot.state.robot_mode == franky.RobotMode.Idle
            server.send_signal(end)
            assert server.wait(600) == status
        finally:
            server.kill()
            server.wait()
    with pytest.raises((franky.Exception, RuntimeError)):  # of the network, or of a message that was cut
        _ = robot.state


def test_a_busy_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with FciSim(task_named("lift"), own_hostname(), lockstep=True) as sim:
        assert main.main(["--hostname", sim.hostname]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and f"ports 1337 and 1338 of {sim.hostname} are in use" in said


def test_a_task_with_several_arms_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--task", "two_arm_lift"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "an arm node moves only one; use the robot sim" in said

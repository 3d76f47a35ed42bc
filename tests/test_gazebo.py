"""Episodes on robot gazebo, with MuJoCo in the place of Gazebo; needs the message package ros_gz_interfaces."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")
pytest.importorskip("ros_gz_interfaces", reason="it comes with Gazebo: ros-$ROS_DISTRO-ros-gz")

from geometry_msgs.msg import PoseStamped  # noqa: E402

from listener import Listener, start_node, stop_node  # noqa: E402
from zprl_bringup.graph.graphs import demos_graph  # noqa: E402
from zprl_bringup.graph.run_options import RunOptions  # noqa: E402
from zprl_bringup.graph.settings import GraphSettings  # noqa: E402
from zprl_bringup.graph.station import load_station  # noqa: E402
from zprl_bringup.runner.ros_domain import own_domain  # noqa: E402
from zprl_bringup.runner.runner import Runner  # noqa: E402
from zprl_core.ros.conversions import ns_from  # noqa: E402
from zprl_core.ros.qos import EVENTS, STATE  # noqa: E402
from zprl_core.seeds import training_reset  # noqa: E402
from zprl_msgs.msg import EpisodeEvent, SuccessDetection  # noqa: E402
from zprl_sim.robot import SimRobot  # noqa: E402
from zprl_sim.tasks.pick_to_tray import PICK_TO_TRAY  # noqa: E402

pytestmark = pytest.mark.ros
SUPPORT = Path(__file__).parent / "support"
PATIENT = "limits: {state_s: 1.0}\ndriver: {ros2_control: {silence_s: 0.9}}"  # machines are noisy
SEED = 5


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A client beside the stand-in and the graph, in which the scripted expert plays."""
    (tmp_path / "station.yaml").write_text(PATIENT)
    options = RunOptions(task="pick_to_tray", robot="gazebo", lockstep=False, deployed=False, seed=SEED)
    graph = demos_graph(GraphSettings("run", tmp_path, options, station=load_station(tmp_path / "station.yaml")))
    with own_domain() as domain:
        for key, value in {**graph.env, "ROS_DOMAIN_ID": str(domain)}.items():
            monkeypatch.setenv(key, value)
        stand_in = start_node(
            domain, [str(SUPPORT / "gazebo_stand_in.py")], "scene.task:=pick_to_tray", "scene.deployed:=false",
            "gripper:=parallel_gripper_command", path=str(SUPPORT),
        )  # fmt: skip
        listener = Listener(domain)
        listener.hear(EpisodeEvent, "episode/event", EVENTS)
        listener.hear(SuccessDetection, "zprl/success", STATE)
        listener.hear(PoseStamped, "zprl/objects/cube/pose", STATE)
        try:
            with Runner(graph, tmp_path / "logs", env=os.environ):
                yield listener
        finally:
            listener.close()
            stop_node(stand_in)


def test_the_expert_succeeds_in_the_scenes_of_the_seeds(client: Listener) -> None:
    events, cubes = client.heard["episode/event"], client.heard["zprl/objects/cube/pose"]
    client.until(lambda: any(event.kind == EpisodeEvent.STARTED for event in events))
    started = next(event for event in events if event.kind == EpisodeEvent.STARTED)
    client.until(lambda: cubes and ns_from(cubes[-1].header.stamp) > ns_from(started.header.stamp))
    first = next(cube for cube in cubes if ns_from(cube.header.stamp) > ns_from(started.header.stamp)).pose.position
    robot = SimRobot(PICK_TO_TRAY, deployed=False)
    robot.place_things(training_reset(SEED, started.episode))
    assert (first.x, first.y) == pytest.approx(robot.things()["cube"].position[:2], abs=1e-3)
    robot.close()
    client.until(lambda: any(event.kind == EpisodeEvent.SUCCESS for event in events))
    client.until(lambda: any(message.success for message in client.heard["zprl/success"]))

"""Robot `gazebo`: the FR3 of gazebo.launch.py in the scene of pick_to_tray, behind the controllers of gz_ros2_control.

gazebo.launch.py starts Gazebo with arm, controllers and bridge; this robot adds zprl's nodes. FIXED are the names and
interfaces of controllers.yaml and bridge.yaml, which a station cannot change.
"""

from zprl_bringup.graph.robots.nodes import scene_parameters, viewed_cameras
from zprl_bringup.graph.robots.robot import Robot, RobotSlot
from zprl_bringup.graph.robots.ros2_control import NAMESPACE, arm_node, check_simulated_fr3
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec, Parameter
from zprl_core.arm_model import FR3
from zprl_sim.gazebo.settings import TASK

FIXED: dict[str, Parameter] = {
    "ros2_control.simulated": True,
    "ros2_control.joints": list(FR3.joints),
    "ros2_control.joint_states": "/joint_states",
    "ros2_control.command_interface": "forward_position",
    "ros2_control.controller": "/forward_position_controller",
    "ros2_control.base_frame": FR3.base_frame,
    "ros2_control.tool_frame": FR3.tool_frame,
    "ros2_control.tool_source": "urdf",
    "ros2_control.urdf_source": "topic",
    "ros2_control.urdf_topic": "/robot_description",
    "ros2_control.gripper": "parallel_gripper_command",
    "ros2_control.gripper_action": "/gripper_controller/gripper_cmd",
    "ros2_control.gripper_joint": FR3.fingers[0],
}
PATIENT: dict[str, Parameter] = {  # Gazebo may run slower than real time, and no operator recovers the arm
    "ros2_control.silence_s": 0.4,
    "ros2_control.lost_s": 5.0,
    "limits.state_s": 0.5,
}


def _check(settings: GraphSettings) -> None:
    if settings.options.task != TASK:
        raise ValueError(
            f"the world of robot gazebo is that of task {TASK}, not of {settings.options.task}; set task to {TASK}"
        )
    if cameras := viewed_cameras(settings):
        raise ValueError(
            f"robot gazebo has no cameras, but {', '.join(cameras)} are observed or asked for; use a base that "
            "observes objects, or robot mujoco"
        )
    changed = sorted(name for name in settings.station.driver if name in FIXED)
    if changed:
        raise ValueError(
            f"the station sets driver.{changed[0]}, but for robot gazebo it follows from its world; remove it, or use "
            f"robot ros2-control for a world of your own"
        )
    check_simulated_fr3(settings, FIXED | PATIENT)


def _nodes(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    parameters = scene_parameters(settings, robot)
    scene = NodeSpec("zprl_sim", "gazebo_scene_node", "gazebo_scene", robot.namespace, parameters, respawn=True)
    return scene, arm_node(settings, robot, FIXED | PATIENT, simulated=True)


GAZEBO: Robot[GraphSettings] = Robot(
    name="gazebo",
    text="an FR3 in Gazebo, which gazebo.launch.py starts",
    nodes=_nodes,
    check=_check,
    namespace=NAMESPACE,
    needs_operator=False,
)

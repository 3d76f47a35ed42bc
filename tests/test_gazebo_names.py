"""Controllers, bridge and programs of gazebo.launch.py have the names and types that robot `gazebo` uses."""

import xml.etree.ElementTree as ET
from pathlib import Path

import yaml

from gazebo_files import CONFIG, world
from zprl_bringup.ros_launch.gazebo_programs import CONTROLLERS, gazebo_file, gazebo_programs, robot_description
from zprl_hardware.ros2_control.config import CommandInterface, GripperInterface
from zprl_sim.gazebo.settings import GazeboSceneSettings
from zprl_sim.tasks.pick_to_tray import PICK_TO_TRAY

WORLD = world()
GZ_TYPES = {"rosgraph_msgs/msg/Clock": "gz.msgs.Clock", "geometry_msgs/msg/PoseStamped": "gz.msgs.Pose"}


def test_the_controllers_are_those_that_the_driver_speaks_to() -> None:
    found = yaml.safe_load(gazebo_file("controllers.yaml").read_text())
    parameters = {name: each["ros__parameters"] for name, each in found.items()}
    manager = parameters.pop("controller_manager")
    assert {name: each["type"] for name, each in manager.items() if isinstance(each, dict)} == {
        "joint_state_broadcaster": "joint_state_broadcaster/JointStateBroadcaster",
        "forward_position_controller": "forward_command_controller/ForwardCommandController",
        "gripper_controller": "parallel_gripper_action_controller/GripperActionController",
    }
    assert set(parameters) == set(CONTROLLERS)
    assert CONFIG.command_interface is CommandInterface.FORWARD_POSITION
    assert CONFIG.command_topic == "/forward_position_controller/commands"
    assert parameters["forward_position_controller"] == {"joints": list(CONFIG.joints), "interface_name": "position"}
    assert CONFIG.gripper is GripperInterface.PARALLEL_GRIPPER_COMMAND
    assert CONFIG.gripper_action == "/gripper_controller/gripper_cmd"
    assert parameters["gripper_controller"]["joint"] == CONFIG.gripper_joint
    assert manager["update_rate"] * float(WORLD.findtext("physics/max_step_size", "nan")) == 1.0
    assert parameters["joint_state_broadcaster"]["update_rate"] * CONFIG.silence_s > 5  # several within its patience


def test_the_bridge_gives_the_poses_that_the_scene_node_reads() -> None:
    entries = yaml.safe_load(gazebo_file("bridge.yaml").read_text())
    keys = {"ros_topic_name", "gz_topic_name", "ros_type_name", "gz_type_name", "direction"}
    assert all(set(entry) == keys and entry["direction"] == "GZ_TO_ROS" for entry in entries)
    assert all(GZ_TYPES[entry["ros_type_name"]] == entry["gz_type_name"] for entry in entries)
    passed: dict[str, set[str]] = {}
    for entry in entries:
        passed.setdefault(entry["ros_topic_name"], set()).add(entry["gz_topic_name"])
    wanted = {
        GazeboSceneSettings().pose_topic.format(name=name): {
            f"/world/{WORLD.get('name')}/model/{name}/pose", f"/model/{name}/pose"
        }
        for name in PICK_TO_TRAY.objects
    }  # fmt: skip
    assert passed == {"/clock": {"/clock"}, **wanted}


def test_the_programs_find_world_controllers_and_bridge() -> None:
    by_name = {program.executable: program for program in gazebo_programs()}
    assert set(by_name) == {"robot_state_publisher", "create", "parameter_bridge", "spawner"}
    create = dict(zip(by_name["create"].arguments[::2], by_name["create"].arguments[1::2], strict=True))
    assert create["-world"] == WORLD.get("name") and create["-topic"] == CONFIG.urdf_topic
    service = f"{GazeboSceneSettings().set_pose}@ros_gz_interfaces/srv/SetEntityPose"
    assert by_name["parameter_bridge"].arguments == (service,)
    *spawned, flag, file = by_name["spawner"].arguments
    assert tuple(spawned) == CONTROLLERS and flag == "--param-file" and Path(file).is_file()
    path = ET.fromstring(robot_description()).findtext("gazebo/plugin/parameters")
    assert path == file == str(gazebo_file("controllers.yaml"))

"""Bags as another recorder writes them: by rosbags, with other topics, rates and frame, and without metadata.yaml."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from command_line import run_zprl
from zprl_cli.bags.demos import Checked, Choice, checked
from zprl_core.bags.bag_list import bags_in
from zprl_core.bags.bag_mapping import load_mapping

STORE = get_typestore(Stores.ROS2_KILTED)
T = STORE.types
TF = "tf2_msgs/msg/TFMessage"
BEGIN_NS, SECONDS, SPEED = 1_700_000_000_000_000_000, 2.0, 0.05
POSE, JOINTS = "geometry_msgs/msg/PoseStamped", "sensor_msgs/msg/JointState"


def header(at_s: float, frame: str = "panda_link0") -> Any:
    ns = BEGIN_NS + round(at_s * 1e9)
    return T["std_msgs/msg/Header"](T["builtin_interfaces/msg/Time"](ns // 10**9, ns % 10**9), frame)


def pose(at_s: float, x: float, q: tuple[float, float, float, float]) -> Any:
    place = T["geometry_msgs/msg/Point"](x, 0.0, 0.2)
    return T[POSE](header(at_s), T["geometry_msgs/msg/Pose"](place, T["geometry_msgs/msg/Quaternion"](*q)))


def tool(at_s: float) -> Any:
    return pose(at_s, 0.4 + SPEED * at_s, (1.0, 0.0, 0.0, 0.0))


def cube(at_s: float) -> Any:
    return pose(at_s, 0.5, (0.0, 0.0, 0.0, 1.0))


def gripper(at_s: float) -> Any:
    """Closes onto an object of 4 cm in the middle."""
    half = 0.04 if at_s < SECONDS / 2 else 0.02
    both = np.array([half, half])
    return T[JOINTS](header(at_s, ""), ["panda_finger_joint1", "panda_finger_joint2"], both, np.array([]), np.array([]))


USUAL = {"/panda/ee": (POSE, 100, tool), "/panda/gripper": (JOINTS, 30, gripper), "/vision/cube": (POSE, 10, cube)}


def record(
    folder: Path,
    topics: dict[str, tuple[str, float, Any]],
    hole: tuple[float, float] = (9.0, 9.0),
    of: str = "/panda/ee",
) -> Path:
    """Write a bag; topic `of` has no messages in the hole [s]."""
    with Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        links = {name: writer.add_connection(name, kind, typestore=STORE) for name, (kind, _, _) in topics.items()}
        due = sorted((k / rate, name) for name, (_, rate, _) in topics.items() for k in range(int(SECONDS * rate) + 1))
        for at_s, name in due:
            if name == of and hole[0] <= at_s < hole[1]:
                continue
            kind, _, make = topics[name]
            data = STORE.serialize_cdr(make(at_s), kind)
            writer.write(links[name], BEGIN_NS + round(at_s * 1e9) + 1_000_000, data)
    (folder / "metadata.yaml").unlink()
    return folder


def mapping(path: Path, *more: str, topics: dict[str, str] | None = None) -> Path:
    named = topics or {"tool": "/panda/ee", "width": "/panda/gripper", "cube": "/vision/cube"}
    lines = ["like: lift", "frame: panda_link0", *more, "topics:", *(f"  {k}: {v}" for k, v in named.items())]
    path.write_text("\n".join(lines) + "\n")
    return path


def episode(folder: Path, map_file: Path) -> Checked:
    (found,) = checked(list(bags_in(folder)), Choice(mapping=load_mapping(map_file)))
    return found


def actions(found: Checked) -> np.ndarray[Any, Any]:
    assert found.info is not None, found.verdict.problems
    return np.array([found.info.action.action(step.targets, step.observation) for step in found.steps])


def transform(parent: str, child: str, at: tuple[float, float, float], q: tuple[float, float, float, float]) -> Any:
    """A message of tf with one transform."""
    kinds = (T[f"geometry_msgs/msg/{name}"] for name in ("TransformStamped", "Transform", "Vector3", "Quaternion"))
    stamped, both, vector, quaternion = kinds
    return T[TF](  # of the start, as a static one is
        [stamped(header(0.0, parent), child, both(vector(*at), quaternion(*q)))]
    )


def drafted(folder: Path, obs: str) -> str:
    """Draft a mapping by the command, with the frame added as a person would."""
    with pytest.MonkeyPatch.context() as patch:
        assert run_zprl(patch, "bags", "map", folder / "bags" / "a", "--obs", obs, "--out", folder / "draft.yaml") == 0
    text = (folder / "draft.yaml").read_text().replace("# frame: panda_link0      # frame_id", "frame: panda_link0  #")
    (folder / "draft.yaml").write_text(text)
    return text

#!/usr/bin/env python3
"""Writes docs/reference/parameters.md from the fields of the settings dataclasses."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from zprl_bringup.graph.station import Station
from zprl_cli.finetune import Finetune
from zprl_cli.up import Up
from zprl_control.settings import ArmSettings
from zprl_core.config.command_line import flags_of
from zprl_core.config.flatten import flatten
from zprl_core.config.metadata import Description, describe, description
from zprl_episodes.episode_manager import EpisodeSettings
from zprl_episodes.operator_prompt import OperatorSettings
from zprl_episodes.playback.settings import PlayerSettings
from zprl_episodes.recording.settings import RecorderSettings
from zprl_hardware.cameras.camera import CameraSettings
from zprl_hardware.ros.franka_arm_node import FrankySettings
from zprl_hardware.ros.pose_recorder_node import RecordSettings
from zprl_hardware.ros2_control.config import Ros2ControlSettings
from zprl_learner.settings import LearnerSettings
from zprl_policy.settings import PolicySettings
from zprl_sim.controller_settings import ControllerSettings
from zprl_sim.demos.expert_runner import ExpertSettings
from zprl_sim.fci.settings import FciSettings
from zprl_sim.gazebo.settings import GazeboSceneSettings
from zprl_sim.renderer_settings import RendererSettings
from zprl_sim.ros.mujoco_arm_node import MujocoSettings
from zprl_sim.settings import SimSettings
from zprl_teleop.teleop_command import TeleopSettings
from zprl_view.foxglove.settings import FoxgloveSettings
from zprl_view.settings import ViewSettings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "parameters.md"
INTRODUCTION = """\
# Parameters

Every parameter of every node, flag of a run and setting of a station file: name, type, default, range and meaning.
`python scripts/parameters.py` generates this page from the code; `ros2 param describe NODE NAME` shows the same for a
running node. Nodes read their parameters when they are configured; afterwards parameters are read-only. A range
`(a, b]` excludes `a`. Every node also has `autostart` (bool, default true): it configures and activates itself.
"""


@dataclass(frozen=True)
class Section:
    """One table of the page."""

    title: str
    text: str
    settings: tuple[Any, ...]  # instances with the defaults


SECTIONS = (
    Section("policy_node", "Package `zprl_policy`.", (PolicySettings(),)),
    Section("learner_node", "Package `zprl_learner`.", (LearnerSettings(),)),
    Section("episode_node", "Package `zprl_episodes`.", (EpisodeSettings(),)),
    Section("operator_node", "Package `zprl_episodes`.", (OperatorSettings(),)),
    Section("recorder_node", "Package `zprl_episodes`.", (RecorderSettings(),)),
    Section("player_node", "Package `zprl_episodes`.", (PlayerSettings(),)),
    Section(
        "Any arm node",
        "`franka_arm_node`, `mujoco_arm_node`, `ros2_control_arm_node` and the arm nodes of other packages.",
        (ArmSettings(),),
    ),
    Section("franka_arm_node", "Package `zprl_hardware`; in addition to any arm node.", (FrankySettings(),)),
    Section("ros2_control_arm_node", "Package `zprl_hardware`; in addition to any arm node.", (Ros2ControlSettings(),)),
    Section("mujoco_arm_node", "Package `zprl_sim`; in addition to any arm node.", (MujocoSettings(),)),
    Section("sim_node", "Package `zprl_sim`.", (SimSettings(),)),
    Section("expert_node", "Package `zprl_sim`.", (ExpertSettings(),)),
    Section("fci_node", "Package `zprl_sim`.", (FciSettings(),)),
    Section("controller_node", "Package `zprl_sim`.", (ControllerSettings(),)),
    Section("gazebo_scene_node", "Package `zprl_sim`.", (GazeboSceneSettings(),)),
    Section("renderer_node", "Package `zprl_sim`.", (RendererSettings(),)),
    Section("camera_node", "Package `zprl_hardware`.", (CameraSettings(),)),
    Section("pose_recorder_node", "Package `zprl_hardware`.", (RecordSettings(),)),
    Section("teleop_node", "Package `zprl_teleop`.", (TeleopSettings(),)),
    Section("view_node", "Package `zprl_view`.", (ViewSettings(),)),
    Section("foxglove_node", "Package `zprl_view`.", (FoxgloveSettings(),)),
    Section(
        "Run",
        "Flags of `zprl demos`, `pretrain` and `finetune`; `resume` and `base` of `finetune` only.",
        (Finetune(),),
    ),
    Section("Graph", "Flags of `zprl up`.", (Up(),)),
    Section("Station file", "YAML, nested at the dots; examples are in `config/stations`.", (Station(),)),
)


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join([INTRODUCTION, *(_section(section) for section in SECTIONS)])


def _section(section: Section) -> str:
    rows = [row for settings in section.settings for row in _rows(settings)]
    head = "| name | type | default | range | meaning |\n|---|---|---|---|---|"
    return "\n".join([f"## {section.title}\n\n{section.text}\n\n{head}", *rows]) + "\n"


def described(settings: Any) -> list[tuple[str, Any, Description]]:
    """Name, default and description of each parameter, or of each flag of a command."""
    if isinstance(settings, Finetune | Up):
        flags = flags_of(type(settings), settings)
        return [(flag.name, _plain(flag.default), description(flag.hint)) for flag in flags]
    texts = describe(type(settings))
    return [(name, value, texts[name]) for name, value in flatten(settings).items()]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _rows(settings: Any) -> list[str]:
    return [_row(*row) for row in described(settings)]


def _row(name: str, value: Any, found: Description) -> str:
    cells = (f"`{name}`", _type(value), f"`{_shown(value)}`", str(found.range or ""), found.text)
    return "| " + " | ".join(cells) + " |"


def _type(value: Any) -> str:
    if value is None or isinstance(value, Path):
        return "path" if isinstance(value, Path) else "optional"
    if isinstance(value, tuple):
        return "list" if not value else f"list of {_type(value[0])}"
    return type(value.value if isinstance(value, Enum) else value).__name__


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool | None) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page())
    print(PAGE)

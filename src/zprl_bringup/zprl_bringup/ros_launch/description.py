"""The graph as a launch description, with the ordinary launch and launch_ros API.

Plain Node actions, not LifecycleNode ones: the nodes configure and activate themselves.
"""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable, Shutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription
from zprl_bringup.graph.preflight import preflight
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Grace, Graph, NodeSpec, parameter_yaml
from zprl_bringup.ros_launch.arguments import LaunchArgument, settings_from
from zprl_core.errors import USER_ERROR

EVERY_NODE = "/**"  # of the one process that gets the file: whoever includes ours may push a namespace before the name


def describe(arguments: Sequence[LaunchArgument], build: Callable[[GraphSettings], Graph]) -> LaunchDescription:
    """What a launch file returns: its arguments, and the graph that `build` makes of them."""

    def actions(context: LaunchContext) -> list[Any]:
        given = {each.name: LaunchConfiguration(each.name).perform(context) for each in arguments}
        settings = settings_from(given)
        if word := preflight(settings):
            print(f"zprl: {word}", file=sys.stderr)
        return graph_actions(build(settings))

    return LaunchDescription([*map(_declare, arguments), OpaqueFunction(function=actions)])


def graph_actions(graph: Graph) -> list[Any]:
    """The launch actions that start `graph`."""
    env = [SetEnvironmentVariable(key, value) for key, value in graph.env.items() if not os.environ.get(key)]
    playing = {node.label for node in graph.find("episode_node")}
    folder = Path(tempfile.mkdtemp(prefix="zprl_launch_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return [*env, *(node_action(spec, playing, folder) for spec in graph.nodes)]


def node_action(spec: NodeSpec, playing: set[str], folder: Path) -> Node:
    """The launch action of one node, whose parameter file is written into `folder`.

    `playing`: episode nodes that are not done yet, shared by all.
    """
    grace = Grace()
    return Node(
        package=spec.package or None,
        executable=spec.executable,
        name=spec.name,
        namespace=spec.namespace,
        parameters=_parameter_files(spec, folder),
        remappings=list(spec.remappings),
        ros_arguments=["--enclave", spec.enclave],
        additional_env=dict(spec.env),
        respawn=spec.respawn,
        respawn_delay=spec.respawn_delay_s,
        respawn_max_retries=-1,  # launch counts over the whole run, not within a minute
        sigterm_timeout=str(grace.sigint),
        sigkill_timeout=str(grace.sigterm),
        output="screen",
        on_exit=_on_exit(spec, playing),
    )


def _on_exit(spec: NodeSpec, playing: set[str]) -> Callable[[Any, LaunchContext], list[Any]]:
    """What launch does when the node ends: the same as the runner and run_graph."""

    def react(event: Any, context: LaunchContext) -> list[Any]:
        if event.returncode == USER_ERROR:
            return [Shutdown(reason=f"{spec.label} was given something wrong; its last line says what")]
        if spec.respawn:
            return []
        if event.returncode == 0 and spec.label in playing:
            playing.discard(spec.label)
            return [] if playing else [Shutdown(reason="every episode has been played")]
        return [Shutdown(reason=f"{spec.label} has ended")]

    return react


def _declare(argument: LaunchArgument) -> DeclareLaunchArgument:
    more = {"choices": list(argument.choices)} if argument.choices else {}
    return DeclareLaunchArgument(
        argument.name, default_value=argument.default, description=argument.description, **more
    )


def _parameter_files(spec: NodeSpec, folder: Path) -> list[str]:
    """The file that the runner would write. launch_ros writes strings without quotes, and rcl reads 08 as a number."""
    if not spec.parameters:
        return []
    path = folder / f"{spec.label}.yaml"
    path.write_text(parameter_yaml(spec, EVERY_NODE))
    return [str(path)]

"""The graph as a launch description, with the ordinary launch and launch_ros API.

Plain Node actions, not LifecycleNode ones: the nodes configure and activate themselves.
"""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable, Shutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from launch import LaunchContext, LaunchDescription
from zprl_bringup.advice import advice
from zprl_bringup.graph import Graph, NodeSpec, Parameter
from zprl_bringup.graph_settings import GraphSettings
from zprl_bringup.launch_arguments import LaunchArgument, settings_from
from zprl_bringup.process import USER_ERROR
from zprl_bringup.runner import Grace


def describe(arguments: Sequence[LaunchArgument], build: Callable[[GraphSettings], Graph]) -> LaunchDescription:
    """What a launch file returns: its arguments, and the graph that `build` makes of them."""

    def actions(context: LaunchContext) -> list[Any]:
        given = {each.name: LaunchConfiguration(each.name).perform(context) for each in arguments}
        settings = settings_from(given)
        if word := advice(settings):
            print(f"zprl: {word}", file=sys.stderr)
        return graph_actions(build(settings))

    return LaunchDescription([*map(_declare, arguments), OpaqueFunction(function=actions)])


def graph_actions(graph: Graph) -> list[Any]:
    """The launch actions that start `graph`."""
    env = [SetEnvironmentVariable(key, value) for key, value in graph.env.items() if not os.environ.get(key)]
    playing = {node.label for node in graph.find("episode_node")}
    return [*env, *(node_action(spec, playing) for spec in graph.nodes)]


def node_action(spec: NodeSpec, playing: set[str]) -> Node:
    """The launch action of one node. `playing`: episode nodes that are not done yet, shared by all."""
    grace = Grace()
    return Node(
        package=spec.package,
        executable=spec.executable,
        name=spec.name,
        namespace=spec.namespace,
        parameters=[{key: _typed(value) for key, value in spec.parameters.items()}] if spec.parameters else [],
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


def _typed(value: Parameter) -> Any:
    """Strings stay strings: launch would read a run called 007 as a number."""
    if isinstance(value, str):
        return ParameterValue(value, value_type=str)
    if isinstance(value, list):
        return ParameterValue(value, value_type=list[str] if isinstance(value[0], str) else list[float])
    return value

"""Converts the graph to a launch description, with the usual API of launch and launch_ros.

Uses Node actions, not LifecycleNode ones: the nodes configure and activate themselves. Each starts through
die_with_parent, so that no node drives the robot after launch has ended, however it ended.
"""

import atexit
import os
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable, Shutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription
from zprl_bringup.graph.network import leaves_machine
from zprl_bringup.graph.preflight import preflight
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Grace, Graph, NodeSpec, parameter_yaml
from zprl_bringup.ros_launch.arguments import LaunchArgument, settings_from
from zprl_bringup.runner import die_with_parent
from zprl_bringup.runner.environment import environment
from zprl_bringup.runner.ros_domain import check_chosen
from zprl_bringup.runner.runner import on_stderr
from zprl_core.errors import USER_ERROR
from zprl_core.host.own_graph import VARIABLE, new_graph

# Matches the node whatever its name: a launch file that includes ours may push a namespace.
EVERY_NODE = "/**"


def describe(arguments: Sequence[LaunchArgument], build: Callable[[GraphSettings], Graph]) -> LaunchDescription:
    """Make the launch description of a launch file: its arguments, and the graph that `build` makes from them."""

    def actions(context: LaunchContext) -> list[Any]:
        heed_sigint()
        given = {each.name: LaunchConfiguration(each.name).perform(context) for each in arguments}
        settings = settings_from(given)
        if warning := preflight(settings):
            print(f"zprl: {warning}", file=sys.stderr)
        graph = build(settings)
        check_alone(graph)
        return graph_actions(graph)

    return LaunchDescription([*map(_declare, arguments), OpaqueFunction(function=actions)])


def heed_sigint() -> None:
    """Undo that this process ignores SIGINT, as the background jobs of a script do; launch then stops its nodes."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def check_alone(graph: Graph) -> None:
    """Raises GraphError when the graph would meet that of another machine, as `zprl up` does."""
    variables = graph.variables(os.environ)
    check_chosen(variables)
    if not leaves_machine(variables):
        return
    with environment({name: variables[name] for name in graph.env}):
        # Imported after the environment is set, as Fast DDS reads it once.
        from zprl_bringup.ros.namesakes import check_namesakes

        check_namesakes(graph, int(variables["ROS_DOMAIN_ID"]), on_stderr)


def graph_actions(graph: Graph) -> list[Any]:
    """Make the launch actions that start `graph`."""
    variables = graph.variables(os.environ) | {VARIABLE: new_graph()}
    names = (*graph.env, VARIABLE)
    env = [SetEnvironmentVariable(k, variables[k]) for k in names if variables[k] != os.environ.get(k)]
    playing = {node.label for node in graph.find("episode_node")}
    folder = Path(tempfile.mkdtemp(prefix="zprl_launch_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return [*env, *(node_action(spec, playing, folder) for spec in graph.nodes)]


def node_action(spec: NodeSpec, playing: set[str], folder: Path) -> Node:
    """Make the launch action of one node, and write its parameter file into `folder`.

    `playing`: labels of the episode nodes that are not done, shared by all nodes.
    """
    grace = Grace()
    return Node(
        package=spec.package or None,
        executable=spec.executable,
        prefix=shlex.join(die_with_parent.command(signal.SIGTERM)),
        exec_name=spec.executable,  # in launch's log; without it the name of the prefix
        name=spec.name,
        namespace=spec.namespace,
        parameters=_parameter_files(spec, folder),
        remappings=list(spec.remappings),
        ros_arguments=["--enclave", spec.enclave],
        additional_env=dict(spec.env),
        respawn=spec.respawn,
        respawn_delay=spec.respawn_delay_s,
        respawn_max_retries=-1,  # no limit: launch counts over the whole run, not within a minute
        sigterm_timeout=str(grace.sigint),
        sigkill_timeout=str(grace.sigterm),
        output="screen",
        on_exit=_on_exit(spec, playing),
    )


def _on_exit(spec: NodeSpec, playing: set[str]) -> Callable[[Any, LaunchContext], list[Any]]:
    """Make the handler of the node's exit, which acts as the runner and run_graph do."""

    def react(event: Any, context: LaunchContext) -> list[Any]:
        if event.returncode == USER_ERROR:
            return [Shutdown(reason=f"{spec.label} was given a wrong setting; its last log line says which")]
        if spec.respawn and event.returncode != 0:
            return []
        if event.returncode == 0 and spec.label in playing:
            playing.discard(spec.label)
            return [] if playing else [Shutdown(reason="all episodes are done")]
        return [Shutdown(reason=f"{spec.label} has ended or was shut down")]

    return react


def _declare(argument: LaunchArgument) -> DeclareLaunchArgument:
    more = {"choices": list(argument.choices)} if argument.choices else {}
    return DeclareLaunchArgument(
        argument.name, default_value=argument.default, description=argument.description, **more
    )


def _parameter_files(spec: NodeSpec, folder: Path) -> list[str]:
    """Write the parameter file as the runner does.

    launch_ros writes strings without quotes, and rcl reads 08 as a number.
    """
    if not spec.parameters:
        return []
    path = folder / f"{spec.label}.yaml"
    path.write_text(parameter_yaml(spec, EVERY_NODE))
    return [str(path)]

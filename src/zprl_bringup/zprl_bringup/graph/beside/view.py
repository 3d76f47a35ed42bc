"""The view node of a robot: what rviz, Foxglove and the console show."""

from zprl_bringup.graph.robots.nodes import given
from zprl_bringup.graph.robots.robot import RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec, Parameter
from zprl_bringup.graph.specs import specs_of
from zprl_core import topic_names
from zprl_sim.tasks.catalog import task_named, task_names


def view(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    """Make the view node, if it is chosen."""
    return (view_node(settings, robot),) if settings.options.view else ()


def view_node(settings: GraphSettings, robot: RobotSlot) -> NodeSpec:
    """Make the view node: it shows the arms and objects that a policy of these settings observes."""
    observation, action = specs_of(settings.options)
    prefix, suffix = topic_names.OBJECT_POSE.split("{name}")
    objects = [s.topic.removeprefix(prefix).removesuffix(suffix) for s in observation.streams if _is_object(s.topic)]
    limits = settings.station.limits
    parameters: dict[str, Parameter] = {
        "robot": robot.name,
        "arms": [arm.arm for arm in action.arms if arm.arm],
        "objects": objects,
        "cameras": list(settings.options.cameras),
        "frame": action.arms[0].frame,
        "low": list(limits.low[:3]),
        "high": list(limits.high[:3]),
        **_goal(settings.task, objects),
    }
    return NodeSpec("zprl_view", "view_node", "view", robot.namespace, given(parameters), robot.shared, respawn=True)


def _is_object(topic: str) -> bool:
    prefix, suffix = topic_names.OBJECT_POSE.split("{name}")
    return topic.startswith(prefix) and topic.endswith(suffix)


def _goal(task: str, objects: list[str]) -> dict[str, Parameter]:
    """Return the region of success of an installed task, if what it is around is shown."""
    goal = task_named(task).goal if task in task_names() else None
    if goal is None or (goal.around and goal.around not in objects):
        return {}
    return {"goal_low": list(goal.low), "goal_high": list(goal.high), "goal_around": goal.around}

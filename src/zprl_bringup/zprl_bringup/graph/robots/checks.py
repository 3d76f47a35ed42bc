"""Checks of graph settings that several robots share; each raises ValueError naming the setting to change."""

from zprl_bringup.graph.base_check import check_one_arm, check_specs, observed
from zprl_bringup.graph.seen_cameras import check_seen_cameras
from zprl_bringup.graph.settings import GraphSettings
from zprl_core.arm_model import FR3
from zprl_sim.renderer_settings import check_cameras
from zprl_sim.tasks.catalog import task_named


def check_one_in_real_time(settings: GraphSettings) -> None:
    options = settings.options
    if options.lockstep or options.robots > 1:
        raise ValueError(f"robot {options.robot} is one arm in real time; set lockstep to false and robots to 1")


def check_no_simulated_cameras(settings: GraphSettings) -> None:
    if settings.options.cameras:
        robot = settings.options.robot
        raise ValueError(
            f"cameras are for a simulated arm, not for robot {robot}; remove them (a real arm's are in its station)"
        )


def check_no_station_cameras(settings: GraphSettings) -> None:
    if settings.station.cameras:
        robot = settings.options.robot
        raise ValueError(f"robot {robot} has no cameras; remove them from the station, or use robot franky")


def check_no_hostname(settings: GraphSettings) -> None:
    if settings.options.hostname:
        robot = settings.options.robot
        raise ValueError(
            f"hostname is the address of a real arm, but robot {robot} has none; remove hostname, or use robot franky"
        )


def check_simulated_task(settings: GraphSettings) -> None:
    """Check that the base sees and does what the simulated task shows and executes."""
    task = task_named(settings.options.task)
    check_specs(settings.options.base, task.observed(observed(settings.options.base)), task.action, f"task {task.name}")


def check_simulated_arm(settings: GraphSettings) -> None:
    """Check the settings of one simulated arm behind the arm node."""
    check_one_in_real_time(settings)
    check_no_station_cameras(settings)
    check_no_hostname(settings)
    task = task_named(settings.options.task)
    check_cameras(settings.options.cameras, task)
    check_specs(settings.options.base, task.observed(observed(settings.options.base)), None, f"task {task.name}")
    check_franka_base(settings)


def check_franka_base(settings: GraphSettings) -> None:
    """Check that the base commands one arm, in the frame or by the joints of an FR3."""
    check_one_arm(settings.options.base, FR3.base_frame, FR3.joints)


def check_real_arm(settings: GraphSettings) -> None:
    """Check the settings of one real arm, whose cameras are in its station."""
    check_one_in_real_time(settings)
    check_no_simulated_cameras(settings)
    check_seen_cameras(settings.options.base, settings.station.cameras)

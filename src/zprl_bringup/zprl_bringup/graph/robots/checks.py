"""Checks of graph settings that several robots share; each raises ValueError naming the setting to change."""

from zprl_bringup.graph.settings import GraphSettings


def check_one_in_real_time(settings: GraphSettings) -> None:
    options = settings.options
    if options.lockstep or options.robots > 1:
        raise ValueError(f"robot {options.robot} is one arm in real time; set lockstep to false and robots to 1")


def check_no_simulated_cameras(settings: GraphSettings) -> None:
    if settings.options.cameras:
        robot = settings.options.robot
        raise ValueError(
            f"cameras are for robot sim, not for robot {robot}; remove them (a real arm's cameras are in its station)"
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


def check_simulated_arm(settings: GraphSettings) -> None:
    """Check the settings of one simulated arm behind the arm node."""
    check_one_in_real_time(settings)
    check_no_station_cameras(settings)
    check_no_simulated_cameras(settings)
    check_no_hostname(settings)


def check_real_arm(settings: GraphSettings) -> None:
    """Check the settings of one real arm, whose cameras are in its station."""
    check_one_in_real_time(settings)
    check_no_simulated_cameras(settings)

"""Checks of graph settings that several robots share; each raises ValueError naming the setting to change."""

from zprl_bringup.graph.settings import GraphSettings


def check_one_in_real_time(settings: GraphSettings) -> None:
    if settings.lockstep or settings.robots > 1:
        raise ValueError(f"robot {settings.robot} is one arm in real time; set lockstep to false and robots to 1")


def check_no_simulated_cameras(settings: GraphSettings) -> None:
    if settings.cameras:
        raise ValueError(
            f"cameras are for robot sim, not for robot {settings.robot}; remove them (a real arm's cameras are in its "
            "station)"
        )


def check_no_station_cameras(settings: GraphSettings) -> None:
    if settings.station.cameras:
        raise ValueError(f"robot {settings.robot} has no cameras; remove them from the station, or use robot franky")


def check_no_hostname(settings: GraphSettings) -> None:
    if settings.hostname:
        raise ValueError(
            f"hostname is the address of a real arm, but robot {settings.robot} has none; remove hostname, or use "
            "robot franky"
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

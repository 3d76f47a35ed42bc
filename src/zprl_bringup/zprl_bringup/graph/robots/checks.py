"""Checks of graph settings that several robots share. Each raises ValueError that says what to leave out."""

from zprl_bringup.graph.settings import GraphSettings


def check_one_in_real_time(settings: GraphSettings) -> None:
    if settings.lockstep or settings.robots > 1:
        raise ValueError(f"robot {settings.robot} is one arm in real time: lockstep must be false and robots 1")


def check_no_simulated_cameras(settings: GraphSettings) -> None:
    if settings.cameras:
        raise ValueError(
            f"cameras are those of robot sim, robot {settings.robot} has none of them: leave cameras out "
            "(a real arm's are in its station)"
        )


def check_no_station_cameras(settings: GraphSettings) -> None:
    if settings.station.cameras:
        raise ValueError(f"robot {settings.robot} has no cameras; leave them out of the station, or take franky")


def check_no_hostname(settings: GraphSettings) -> None:
    if settings.hostname:
        raise ValueError(
            f"hostname is the address of a real arm, robot {settings.robot} has none: leave hostname out, or "
            "take franky"
        )


def check_simulated_arm(settings: GraphSettings) -> None:
    """Of one simulated arm behind the arm node."""
    check_one_in_real_time(settings)
    check_no_station_cameras(settings)
    check_no_simulated_cameras(settings)
    check_no_hostname(settings)


def check_real_arm(settings: GraphSettings) -> None:
    """Of one real arm, with the cameras of its station."""
    check_one_in_real_time(settings)
    check_no_simulated_cameras(settings)

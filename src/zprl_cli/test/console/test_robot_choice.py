"""The robot that a console is for."""

import pytest

from zprl_cli.console.robot_choice import Robot, chosen_robot

TWO = ["/learner", "/robot_1/policy", "/robot_1/sim", "/robot_2/policy", "/robot_2/sim"]


@pytest.mark.parametrize(
    ("nodes", "robot"),
    [
        ([], Robot("robot", "")),  # a graph without a note
        (["/learner", "/policy", "/mujoco"], Robot("robot", "")),
        (["/sim"], Robot("robot", "")),
        (["/learner", "/zprl/policy", "/zprl/episode"], Robot("robot", "zprl")),
        (TWO[:3], Robot("robot_1", "robot_1")),
    ],
)
def test_the_only_robot_needs_no_choice(nodes: list[str], robot: Robot) -> None:
    assert chosen_robot("", nodes) == robot


def test_one_of_several_is_chosen() -> None:
    assert chosen_robot("/robot_2/", TWO) == chosen_robot("robot_2", []) == Robot("robot_2", "robot_2")
    with pytest.raises(ValueError, match="choose one: --robot robot_1 or robot_2"):
        chosen_robot("", TWO)
    with pytest.raises(ValueError, match="--robot robot_3 is not in the graph, which has robot_1, robot_2"):
        chosen_robot("robot_3", TWO)

"""Which robot a panel shows."""

import pytest

from rqt_zprl.robot_choice import RobotChoice, choice_from_arguments


def test_an_only_robot_has_no_namespace_and_one_arm() -> None:
    choice = RobotChoice()
    assert (choice.robot, choice.arm_namespaces) == ("robot", ("",))


def test_what_is_typed_may_have_slashes_spaces_and_commas() -> None:
    choice = RobotChoice.of_text(" /robot_1/ ", "left, /right")
    assert choice == RobotChoice("robot_1", ("left", "right"))
    assert (choice.robot, choice.arm_namespaces) == ("robot_1", ("left", "right"))


@pytest.mark.parametrize("name", ["robot 1", "1robot", "a//b", "../x", "r<b>"])
def test_a_wrong_name_is_refused_with_the_remedy(name: str) -> None:
    with pytest.raises(ValueError, match="use letters, digits and underscores"):
        RobotChoice.of_text(name, "")


@pytest.mark.parametrize(
    ("arguments", "namespace", "expected"),
    [
        ([], "/", None),
        ([], "/robot_2", RobotChoice("robot_2")),
        (["--namespace", "robot_1"], "/robot_2", RobotChoice("robot_1")),
        (["--namespace", ""], "/robot_2", RobotChoice()),
        (["--arms", "left", "right"], "/", RobotChoice("", ("left", "right"))),
        (["--of-rqt", "x"], "/", None),
    ],
)
def test_the_command_line_chooses_before_the_node(
    arguments: list[str], namespace: str, expected: RobotChoice | None
) -> None:
    assert choice_from_arguments(arguments, namespace) == expected

"""Parameters of the view node that make no sense are refused."""

from typing import Any

import pytest

from zprl_view.settings import ViewSettings


def test_without_names_there_is_one_arm() -> None:
    assert ViewSettings().arm_names == ("",) and ViewSettings(arms=("left", "right")).arm_names == ("left", "right")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"low": (0.0, 1.0)}, "low must be three finite numbers"),
        ({"goal_high": (0.0, float("nan"), 1.0)}, "goal_high must be three finite numbers"),
        ({"arms": ("left", "left")}, "different namespaces"),
        ({"goal_around": "tray", "objects": ("cube",)}, "goal_around is 'tray', which is none of objects"),
        ({"rate": 0.0}, "rate"),
    ],
)
def test_nonsense_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ViewSettings(**wrong)

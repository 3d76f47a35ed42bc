"""The parameters of the player node."""

import pytest

from zprl_episodes.playback.settings import PlayerSettings


@pytest.mark.parametrize("speed", [0.0, -1.0, 1.5])
def test_a_playback_is_no_faster_than_the_recording(speed: float) -> None:
    with pytest.raises(ValueError, match=r"speed is .*; it must lie within \(0, 1\]"):
        PlayerSettings(speed=speed)

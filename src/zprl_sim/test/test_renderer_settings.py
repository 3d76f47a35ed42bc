"""The cameras that a renderer node publishes."""

import pytest

from zprl_sim.renderer_settings import RendererSettings


def test_all_cameras_of_the_task_are_published_unless_some_are_named() -> None:
    assert RendererSettings("lift").published == ("front", "wrist")
    assert RendererSettings("lift", cameras=("wrist",)).published == ("wrist",)
    assert RendererSettings("two_arm_lift").published == ("front", "left/wrist", "right/wrist")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"cameras": ("wrist", "back")}, "unknown cameras back; the scene of task lift has front, wrist"),
        ({"task": "juggle"}, "juggle"),
        ({"width": 8}, "width"),
    ],
)
def test_what_the_scene_does_not_have_is_refused(given: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        RendererSettings(**given)  # type: ignore[arg-type]

"""Skips tests that render where no renderer is installed."""

from functools import cache

import pytest

from zprl_sim.rendering import close_renderer, mujoco, open_renderer


@cache
def missing() -> str:
    """Returns why images cannot be rendered here; "" if they can."""
    try:
        close_renderer(open_renderer(mujoco.MjModel.from_xml_string("<mujoco/>"), 16, 16))
    except RuntimeError as error:
        return str(error)
    return ""


needs_renderer = pytest.mark.skipif(bool(missing()), reason=missing())

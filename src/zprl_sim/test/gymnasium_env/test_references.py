"""What `--env` and `--expert` name, and the errors when it is not there."""

import pytest

from point_reach import expert
from zprl_sim.gymnasium_env.references import load_function, make_env


@pytest.mark.parametrize("env", ["no_such_module:Reach-v0", "point_reach:Absent-v0", "Absent-v0", "", "a:b:c"])
def test_an_unknown_environment_is_refused_with_a_remedy(env: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be created .*; write module:Id, .* PYTHONPATH"):
        make_env(env)


def test_an_environment_without_a_time_limit_needs_one() -> None:
    with pytest.raises(ValueError, match="no time limit of its own; give --time-limit"):
        make_env("point_reach:PointEndless-v0")
    assert make_env("point_reach:PointEndless-v0", 9).spec.max_episode_steps == 9  # type: ignore[union-attr]


def test_a_function_is_loaded() -> None:
    assert load_function("point_reach:expert") is expert


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("point_reach", "is not a function; write module:function"),
        ("point_reach:absent", "cannot be loaded .AttributeError"),
        ("no_such_module:expert", "cannot be loaded .ModuleNotFoundError"),
        ("point_reach:NEAR", "is a float; it must be a function"),
    ],
)
def test_what_is_no_function_is_refused(reference: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        load_function(reference)

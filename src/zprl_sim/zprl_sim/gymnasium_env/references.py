"""Creates environments from `module:Id` and loads functions from `module:function`."""

import importlib
from typing import Any

import gymnasium

from zprl_core.errors import quoted

Env = gymnasium.Env[Any, Any]


def make_env(env_id: str, time_limit: int | None = None, render_mode: str | None = None) -> Env:
    """Returns the environment, limited to `time_limit` steps or to the limit that it was registered with.

    Raises ValueError when it cannot be created, or has no time limit.
    """
    options: dict[str, Any] = (
        {} if render_mode is None else {"render_mode": render_mode}
    )  # not every environment accepts it
    try:
        env: Env = gymnasium.make(env_id, max_episode_steps=time_limit, **options)
    except Exception as error:  # code of another package may raise anything
        raise ValueError(
            f"environment {env_id!r} cannot be created ({type(error).__name__}: {quoted(error)}); write module:Id, "
            "where the module registers Id; install it, or add its folder to PYTHONPATH"
        ) from error
    if env.spec is None or env.spec.max_episode_steps is None:
        env.close()
        raise ValueError(f"environment {env_id!r} has no time limit of its own; give --time-limit")
    return env


def load_function(reference: str) -> Any:
    """Returns the callable at `module:function`. Raises ValueError when there is none."""
    module, _, name = reference.partition(":")
    if not module or not name:
        raise ValueError(f"{reference!r} is not a function; write module:function")
    try:
        function = getattr(importlib.import_module(module), name)
    except Exception as error:  # code of another package may raise anything
        raise ValueError(
            f"{reference} cannot be loaded ({type(error).__name__}: {quoted(error)}); write module:function, and "
            "install the module or add its folder to PYTHONPATH"
        ) from error
    if not callable(function):
        raise ValueError(f"{reference} is a {type(function).__name__}; it must be a function")
    return function

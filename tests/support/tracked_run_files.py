"""The tables of a small run, as trackers read them."""

import json
from pathlib import Path

METRICS = "wall_s,env_steps,updates,critic_loss\n0.08,60,0,nan\n2.13,1851,7,0.25\n"
EPISODES = (
    "episode,robot,env_steps,outcome,steps,return\n"
    "0,robot_1,60,TIMEOUT,60,0.0\n0,robot_2,64,SUCCESS,41,1.0\n1,robot_1,120,TIMEOUT,60,0.0\n"
)
HELD_OUT = "env_steps,successes,episodes,first_seed,seconds\n25882,15,20,1990000,1.2\n"
ROWS = 6  # of all tables


def write_tables(run: Path) -> None:
    """Write the three tables of a run that has learned for 1851 control steps."""
    (run / "metrics").mkdir(parents=True, exist_ok=True)
    for name, text in (("metrics", METRICS), ("episodes", EPISODES), ("held_out", HELD_OUT)):
        (run / "metrics" / f"{name}.csv").write_text(text)


def write_run(run: Path) -> None:
    """Write the tables and a config.json."""
    write_tables(run)
    settings = {"task": "lift", "seed": 3, "backbone": None}
    config = {"format": 10, "run": run.name, "settings": settings, "numbers": {"recipe.quality": [0.0, 1.0]}}
    (run / "config.json").write_text(json.dumps(config))

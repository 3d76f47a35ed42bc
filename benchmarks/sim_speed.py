"""Measures control steps per second of each task's simulation on one thread, and milliseconds per image.

    python benchmarks/sim_speed.py [--steps 3000]

"scripted": the expert moves and grasps, including inverse kinematics and observation. "at rest": nothing moves.
Steps are per CPU second, so that other programs do not affect them.
"""

import argparse
import time

import numpy as np

from zprl_sim.demos.expert import Expert
from zprl_sim.demos.task_action import task_action
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.catalog import task_named, task_names
from zprl_sim.tasks.task import Task

SIZES = ((128, 128), (640, 480))
PICTURES = 50


def scripted(task: Task, robot: SimRobot, steps: int) -> float:
    """Measure control steps per CPU second while the expert works."""
    rng, done = np.random.default_rng(0), 0
    began = time.process_time()
    while done < steps:
        expert, seen = Expert(task, 1.0, rng), robot.reset()
        while not (robot.success or robot.timed_out):
            action = task_action(robot, expert.act(seen), seen)
            seen = robot.step_arms(task.action.targets(action, seen))
            done += 1
    return done / (time.process_time() - began)


def at_rest(robot: SimRobot, steps: int) -> float:
    """Measure control steps per CPU second while the arm holds."""
    seen, action, still = robot.reset(0), robot.task.action, np.zeros(robot.task.action.size)
    began = time.process_time()
    for _ in range(steps):
        seen = robot.step_arms(action.targets(still, seen))
    return steps / (time.process_time() - began)


def picture_ms(robot: SimRobot, width: int, height: int) -> float:
    """Measure wall milliseconds per image of one camera; nan without EGL."""
    try:
        robot.render("front", width, height)
    except RuntimeError:
        return float("nan")
    began = time.perf_counter()
    for _ in range(PICTURES):
        robot.render("front", width, height)
    return (time.perf_counter() - began) / PICTURES * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=3000, help="control steps per measurement")
    steps = parser.parse_args().steps
    heads = "".join(f"{f'{w}x{h} [ms]':>15}" for w, h in SIZES)
    print(f"{'task':<14}{'scripted [1/s]':>15}{'at rest [1/s]':>15}{heads}")
    for name in task_names():
        task = task_named(name)
        robot = SimRobot(task)
        pictures = "".join(f"{picture_ms(robot, *size):>15.1f}" for size in SIZES)
        print(f"{task.name:<14}{scripted(task, robot, steps):>15.0f}{at_rest(robot, steps):>15.0f}{pictures}")
        robot.close()


if __name__ == "__main__":
    main()

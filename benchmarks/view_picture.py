"""Draws what the view node shows into MuJoCo's picture of the scene: plans, path, limits, goal.

    python benchmarks/view_picture.py --run runs/lift-seed0 --out docs/images/view.png

The picture is not one of rviz; it has the same lines in the same colors.
"""

from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from PIL import Image

from zprl.checkpoints.run_folder import RunFolder
from zprl_bringup.graph.saved_run import load_options
from zprl_cli.experiment.contestant import contestants
from zprl_policy.chunk_plan import planned
from zprl_sim.rendering import mujoco, open_renderer

BLUE, BROWN, GREY, GREEN = (0.0, 0.45, 0.70, 1), (0.75, 0.55, 0.2, 1), (0.75, 0.75, 0.75, 1), (0.0, 0.62, 0.45, 0.35)
LINE_M, THIN_M = 0.0035, 0.0012
WIDTH, HEIGHT = 900, 560  # pixels
LOW, HIGH = (0.28, -0.30, 0.012), (0.66, 0.30, 0.42)  # the default limits


@dataclass(frozen=True)
class Options:
    """Draw one moment of a held-out episode of the finetuned policy."""

    run: Path
    """A finished run"""
    reset: int = 1_000_005
    """Held-out reset"""
    chunk: int = 2
    """Chunk whose beginning is shown"""
    out: Path = Path("docs/images/view.png")
    """Path of the picture"""


def line(scene: Any, a: Any, b: Any, width: float, color: tuple[float, ...]) -> None:
    """Add a line from a to b [m]."""
    geom = scene.geoms[scene.ngeom]
    zeros = np.zeros(3)
    mujoco.mjv_initGeom(geom, mujoco.mjtGeom.mjGEOM_CAPSULE, zeros, zeros, np.zeros(9), np.array(color, np.float32))
    mujoco.mjv_connector(geom, mujoco.mjtGeom.mjGEOM_CAPSULE, width, np.array(a, float), np.array(b, float))
    scene.ngeom += 1


def path(scene: Any, points: list[Any], width: float, color: tuple[float, ...]) -> None:
    """Add a line through points."""
    for a, b in pairwise(points):
        line(scene, a, b, width, color)


def box(scene: Any, low: Any, high: Any, color: tuple[float, ...]) -> None:
    """Add the edges of a box."""
    corners = list(product(*zip(low, high, strict=True)))
    for a in range(8):
        for bit in (1, 2, 4):
            if not a & bit:
                line(scene, corners[a], corners[a | bit], THIN_M, color)


def region(scene: Any, low: Any, high: Any) -> None:
    """Add the region of success."""
    center, half = (np.array(low) + high) / 2, (np.array(high) - low) / 2
    geom = scene.geoms[scene.ngeom]
    kind = mujoco.mjtGeom.mjGEOM_BOX
    mujoco.mjv_initGeom(geom, kind, half, center, np.eye(3).ravel(), np.array(GREEN, np.float32))
    scene.ngeom += 1


def main() -> None:
    options = tyro.cli(Options)
    run = RunFolder(options.run)
    _, finetuned = contestants((str(options.run),), options.run.parent, None)
    chosen = load_options(run)
    policy, robot = finetuned.policy(chosen), chosen.problem.visible_robot()
    observation = robot.restart(options.reset)
    policy.start(0)
    trail, chunks = [observation.tool.position], 0
    while True:
        begins = policy.at_boundary
        action = policy.act(observation)
        chunks += begins
        if begins and chunks > options.chunk:
            break
        observation = robot.apply(action).observation
        trail.append(observation.tool.position)
    spec = policy.base.config.action
    plans = [
        [observation.tool.position, *(targets[""].pose.position for targets in planned(spec, actions, observation))]
        for actions in (policy.chunk, policy.base_chunk())
    ]
    sim = robot.env.robot
    sim.model.vis.global_.offwidth, sim.model.vis.global_.offheight = WIDTH, HEIGHT
    renderer = open_renderer(sim.model, WIDTH, HEIGHT)
    camera = mujoco.MjvCamera()
    camera.lookat[:], camera.distance, camera.azimuth, camera.elevation = (0.46, -0.02, 0.13), 0.85, 140, -20
    renderer.update_scene(sim.data, camera)
    scene, goal = renderer.scene, chosen.problem.task.goal
    box(scene, LOW, HIGH, GREY)
    if goal is not None:
        around = np.array(observation.objects[goal.around].position) if goal.around else np.zeros(3)
        region(scene, np.array(goal.low) + around, np.array(goal.high) + around)
    path(scene, trail, LINE_M, GREY)
    path(scene, plans[1], LINE_M, BROWN)
    path(scene, plans[0], LINE_M, BLUE)
    Image.fromarray(renderer.render()).save(options.out, optimize=True)


if __name__ == "__main__":
    main()

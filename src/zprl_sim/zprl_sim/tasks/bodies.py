"""The bodies of the tasks: table, blocks and walls.

mujoco is imported only where a body is created, because a task is also read for its recipe, without a simulator.
"""

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from zprl_sim.tasks.camera import CameraPose, Point

if TYPE_CHECKING:
    import mujoco

Scene: TypeAlias = "mujoco.MjSpec"

CAMERA, LOOK = (
    (1.40, -0.80, 0.74),
    (0.33, 0.0, 0.30),
)  # position of the report's camera and the point that it looks at [m]


def table(scene: Scene) -> None:
    """Adds a table top at z = 0, light and sky."""
    from zprl_sim.rendering import mujoco

    world = scene.worldbody
    scene.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.93, 0.95, 0.97],
        rgb2=[0.62, 0.70, 0.80],
        width=64,
        height=64,
    )
    world.add_geom(
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[1.0, 1.0, 0.05],
        rgba=[0.66, 0.60, 0.53, 1],
        friction=[1.0, 0.005, 0.0001],
    )
    sun, shade = [0.42, 0.42, 0.42], [0.18, 0.18, 0.2]
    directional = mujoco.mjtLightType.mjLIGHT_DIRECTIONAL
    world.add_light(type=directional, dir=[-0.5, 0.4, -1], diffuse=sun, specular=shade, castshadow=False)
    world.add_light(type=directional, dir=[-0.2, -0.8, -0.6], diffuse=shade, specular=[0, 0, 0], castshadow=False)


def add_camera(scene: Scene, name: str, pose: CameraPose) -> None:
    """Adds a camera that does not move."""
    axes = _looking_at(pose.position, pose.look_at)
    scene.worldbody.add_camera(name=name, pos=pose.position, xyaxes=axes, fovy=pose.fovy_deg)


def _looking_at(eye: Point, center: Point) -> list[float]:
    """Returns (6,): the x and y axes of a camera at `eye` that looks at `center`."""
    back = np.subtract(eye, center)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    return [*right, *(up / np.linalg.norm(up))]


def block(
    scene: Scene,
    name: str,
    half: tuple[float, float, float],
    rgba: tuple[float, float, float, float],
    mass: float = 0.08,
) -> None:
    """Adds a movable box with a free joint."""
    from zprl_sim.rendering import mujoco

    body = scene.worldbody.add_body(name=name, pos=[0.5, 0.0, half[2]])
    body.add_freejoint()
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=half,
        rgba=rgba,
        mass=mass,
        condim=4,
        friction=[1.0, 0.02, 0.001],
    )


def leaning_block(
    scene: Scene,
    name: str,
    half: tuple[float, float, float],
    lean: float,
    height: float,
    rgba: tuple[float, float, float, float],
) -> None:
    """Adds a movable box that leans by `lean` [rad] about x, on a flat foot; its middle is at `height` on the table."""
    from zprl_sim.rendering import mujoco

    body = scene.worldbody.add_body(name=name, pos=[0.5, 0.0, height])
    body.add_freejoint()
    box = {"type": mujoco.mjtGeom.mjGEOM_BOX, "condim": 4, "friction": [1.0, 0.02, 0.001]}
    body.add_geom(size=half, quat=[np.cos(lean / 2), np.sin(lean / 2), 0.0, 0.0], rgba=rgba, mass=0.06, **box)
    foot = [half[0], half[2], 0.006]
    body.add_geom(pos=[0.0, 0.0, foot[2] - height], size=foot, rgba=(0.3, 0.3, 0.33, 1), mass=0.04, **box)


def walls(
    scene: Scene,
    name: str,
    inner: float,
    thickness: float,
    height: float,
    rgba: tuple[float, float, float, float],
) -> None:
    """Adds a fixture: four walls around a square of half width `inner`, open at the top."""
    from zprl_sim.rendering import mujoco

    body = scene.worldbody.add_body(name=name, pos=[0.5, 0.2, 0.0])
    reach, h = inner + thickness, height / 2
    for sx, sy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        body.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[sx * (inner + thickness / 2), sy * (inner + thickness / 2), h],
            size=[thickness / 2 if sx else reach, thickness / 2 if sy else reach, h],
            rgba=rgba,
        )

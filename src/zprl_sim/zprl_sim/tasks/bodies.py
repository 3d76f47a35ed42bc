"""Boxes on the table: the bodies that tasks are made of."""

import mujoco


def table(scene: mujoco.MjSpec) -> None:
    """A table top at z = 0, and light."""
    world = scene.worldbody
    world.add_geom(
        type=mujoco.mjtGeom.mjGEOM_PLANE, size=[1.0, 1.0, 0.05], rgba=[0.82, 0.78, 0.72, 1], friction=[1.0, 0.005, 0.0001]
    )
    world.add_light(pos=[0.6, -0.8, 1.8], dir=[-0.1, 0.5, -1], diffuse=[0.7, 0.7, 0.7], castshadow=False)
    world.add_light(pos=[0.6, 0.9, 1.5], dir=[-0.1, -0.6, -1], diffuse=[0.35, 0.35, 0.4], castshadow=False)
    world.add_camera(name="front", pos=[1.35, -0.75, 0.75], xyaxes=[0.5, 0.86, 0, -0.38, 0.22, 0.9], fovy=42)


def block(
    scene: mujoco.MjSpec,
    name: str,
    half: tuple[float, float, float],
    rgba: tuple[float, float, float, float],
    friction: float,
    mass: float = 0.08,
) -> None:
    """A movable box with a free joint."""
    body = scene.worldbody.add_body(name=name, pos=[0.5, 0.0, half[2]])
    body.add_freejoint()
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX, size=half, rgba=rgba, mass=mass, condim=4, friction=[friction, 0.02, 0.001]
    )


def walls(
    scene: mujoco.MjSpec, name: str, inner: float, thickness: float, height: float, rgba: tuple[float, float, float, float]
) -> None:
    """A fixture: four walls around a square of half width `inner`, open above."""
    body = scene.worldbody.add_body(name=name, pos=[0.5, 0.2, 0.0])
    reach, h = inner + thickness, height / 2
    for sx, sy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        body.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[sx * (inner + thickness / 2), sy * (inner + thickness / 2), h],
            size=[thickness / 2 if sx else reach, thickness / 2 if sy else reach, h],
            rgba=rgba,
        )

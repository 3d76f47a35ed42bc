"""Puts the cube of Gazebo's world into its tray in DART alone, the physics engine that Gazebo uses by default.

    pip install dartpy
    python benchmarks/gazebo_in_dart.py [--scenes 12] [--detector ode]

World and arm are read from the files that gazebo.launch.py starts, and the joints are driven as gz_ros2_control drives
them: by velocities in proportion to the error, within the efforts of the URDF. Gazebo, its plugins and the controllers
do not run. The scenes are those of the task's resets.
"""

import argparse
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import dartpy as dart
import numpy as np

from zprl_bringup.ros_launch.gazebo_programs import gazebo_file
from zprl_core.arm_model import FR3
from zprl_core.geometry import Matrix, from_rpy, position_from
from zprl_core.observation import Pose
from zprl_hardware.ros2_control.chain import read_chain
from zprl_sim.gazebo.scene_reset import SceneReset
from zprl_sim.tasks.pick_to_tray import HALF, PICK_TO_TRAY

STEP_S, UPDATE_HZ, GAIN = 0.001, 1000.0, 0.1  # of the world, of controllers.yaml, and position_proportional_gain
COMMAND_STEPS = 10  # physics steps between two commands of the arm node
SPEED_M_S = 0.15
PADS, PAD_FRICTION = ("fr3_leftfinger", "fr3_rightfinger"), 1.5  # as the URDF's <gazebo> elements
HIGH, LOW = 0.15, 0.05  # of the tool over the table, and in the tray [m]
DETECTORS = {
    "ode": dart.collision.OdeCollisionDetector,  # Gazebo's default
    "bullet": dart.collision.BulletCollisionDetector,
    "dart": dart.collision.DARTCollisionDetector,
}


class Cell:
    """World and arm in DART, and what moves the arm."""

    def __init__(self, detector: str, poses: dict[str, Pose]):
        """`poses`: of the objects of the task."""
        self.world = dart.simulation.World()
        self.world.setTimeStep(STEP_S)
        self.world.setGravity([0.0, 0.0, -9.81])
        self.world.getConstraintSolver().setCollisionDetector(DETECTORS[detector]())
        models = ET.parse(gazebo_file("pick_to_tray.sdf")).getroot().findall("world/model")
        self.bodies = {m.get("name"): self._add(m, poses.get(m.get("name", ""))) for m in models}
        urdf = gazebo_file("fr3.urdf")
        self.chain = read_chain(urdf.read_text(), FR3.base_frame, FR3.tool_frame, FR3.joints, FR3.home)
        self.joints = np.array(FR3.home)  # commanded
        self.finger = FR3.max_width / 2  # commanded
        self._dofs = self._arm(urdf)
        self._down = self.chain.pose(self.joints)[:3, :3]

    @property
    def tool(self) -> Matrix:
        """Commanded pose of the tool."""
        return self.chain.pose(self.joints)

    @property
    def width(self) -> float:
        """Opening of the gripper [m]."""
        return float(sum(dof.getPosition() for dof in self._dofs[7:]))

    def thing(self, name: str) -> Pose:
        """Pose of an object, without orientation."""
        return Pose(position_from(np.array(self.bodies[name].getWorldTransform().matrix())))

    def move(self, pose: Pose) -> None:
        """Move the tool in a straight line, and wait until the arm is there."""
        goal = from_rpy((*pose.position, 0.0, 0.0, pose.yaw))
        goal[:3, :3] = goal[:3, :3] @ self._down
        start, way = self.tool[:3, 3], goal[:3, 3] - self.tool[:3, 3]
        count = max(1, round(float(np.linalg.norm(way)) / (SPEED_M_S * COMMAND_STEPS * STEP_S)))
        for k in range(1, count + 1):
            goal[:3, 3] = start + way * k / count
            self.joints, _ = self.chain.solve(self.joints, goal)
            self.run(COMMAND_STEPS)
        self.run(300)

    def run(self, steps: int) -> None:
        """Simulate, with velocities as gz_ros2_control commands them; the second finger mimics the first."""
        for _ in range(steps):
            at = np.array([dof.getPosition() for dof in self._dofs])
            wanted = np.array([*self.joints, self.finger])
            speeds = [*(-GAIN * UPDATE_HZ * (at[:8] - wanted)), -UPDATE_HZ * (at[8] - at[7])]
            for dof, speed in zip(self._dofs, speeds, strict=True):
                dof.setCommand(float(speed))
            self.world.step()

    def _add(self, model: ET.Element, pose: Pose | None) -> dart.dynamics.BodyNode:
        skeleton, static = dart.dynamics.Skeleton(model.get("name")), model.findtext("static") == "true"
        make = skeleton.createWeldJointAndBodyNodePair if static else skeleton.createFreeJointAndBodyNodePair
        joint, body = make()
        for collision in model.findall("link/collision"):
            node = body.createShapeNode(dart.dynamics.BoxShape(_numbers(collision.findtext("geometry/box/size"))))
            node.setRelativeTranslation(_numbers(collision.findtext("pose", "0 0 0"))[:3])
            node.createCollisionAspect()
            node.createDynamicsAspect().setFrictionCoeff(float(collision.findtext("surface/friction/ode/mu", "1")))
        x, y, z, roll, pitch, yaw = _numbers(model.findtext("pose"))
        placed = dart.math.Isometry3(from_rpy((x, y, z, roll, pitch, yaw) if pose is None else pose.six))
        if static:
            joint.setTransformFromParentBodyNode(placed)
        else:
            joint.setTransform(placed)
            inertia = dart.dynamics.Inertia()
            inertia.setMass(float(model.findtext("link/inertial/mass", "nan")))
            names = ("ixx", "iyy", "izz")
            inertia.setMoment(np.diag([float(model.findtext(f"link/inertial/inertia/{n}", "nan")) for n in names]))
            body.setInertia(inertia)
        self.world.addSkeleton(skeleton)
        return body

    def _arm(self, urdf: Path) -> list[dart.dynamics.DegreeOfFreedom]:
        arm = dart.utils.DartLoader().parseSkeleton(str(urdf))
        self.world.addSkeleton(arm)
        for name in PADS:
            for node in arm.getBodyNode(name).getShapeNodes():
                if node.getDynamicsAspect() is not None:
                    node.getDynamicsAspect().setFrictionCoeff(PAD_FRICTION)
        starts = dict(zip((*FR3.joints, *FR3.fingers), (*FR3.home, self.finger, self.finger), strict=True))
        for element in ET.parse(urdf).getroot().findall("joint"):
            name, limit = element.get("name", ""), element.find("limit")
            if limit is None:
                continue
            effort, speed = float(limit.get("effort", "nan")), float(limit.get("velocity", "nan"))
            joint, dof = arm.getJoint(name), arm.getDof(name)
            joint.setActuatorType(dart.dynamics.ActuatorType.SERVO)
            joint.setLimitEnforcement(True)
            dof.setForceLimits(-effort, effort)
            dof.setVelocityLimits(-speed, speed)
            dof.setPosition(starts[name])
        return [arm.getDof(name) for name in starts]


def _numbers(text: str | None) -> list[float]:
    return [float(word) for word in (text or "").split()]


def scene(seed: int) -> dict[str, Pose]:
    """The poses of the objects that a reset with this seed requests."""
    poses: dict[str, Pose] = {}
    SceneReset(PICK_TO_TRAY, True, 0, poses.__setitem__).request(seed, {}, 0.0)
    return poses


def succeeds(detector: str, seed: int) -> bool:
    """Put the cube into the tray. Returns True if the task succeeds by the poses."""
    poses = scene(seed)
    cell, (x, y, _), (u, v, _) = Cell(detector, poses), poses["cube"].position, poses["tray"].position
    yaw = poses["cube"].yaw
    cell.move(Pose((x, y, HIGH), yaw))
    cell.move(Pose((x, y, HALF), yaw))
    cell.finger = 0.0
    cell.run(1000)
    for place in ((x, y, HIGH), (u, v, HIGH), (u, v, LOW)):
        cell.move(Pose(place, yaw))
    cell.finger = FR3.max_width / 2
    cell.run(1000)
    cell.move(Pose((u, v, HIGH), yaw))
    return PICK_TO_TRAY.success({name: cell.thing(name) for name in PICK_TO_TRAY.objects}, cell.width)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print how many scenes succeed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=12)
    parser.add_argument("--detector", choices=list(DETECTORS), default="ode")
    given = parser.parse_args(arguments)
    results = [succeeds(given.detector, seed) for seed in range(given.scenes)]
    failed = [seed for seed, success in enumerate(results) if not success]
    print(f"{given.detector}: {sum(results)} of {len(results)} succeed" + (f"; not seeds {failed}" if failed else ""))


if __name__ == "__main__":
    main()

"""A Franka arm through franky. Everything of franky's lives in one thread, the gripper in another.

Targets go to a Cartesian impedance tracker, whose error clip bounds the force behind a target that the arm cannot
reach. A reset is a slow joint motion. Faults of the arm's own control (reflexes) are told in the state, and cleared
only when a person asks for it.
"""

import math
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from zprl.arm import ArmLost, ArmState
from zprl.safety.target import Six, Target, pose_of, quaternion
from zprl_bringup.arm_gripper import OPEN_M, FrankyGripper

POLL_S = 0.005  # between two looks at the arm
REST_S = 2.0  # within which a motion that was stopped has ended
CALL_S = 15.0  # within which the arm must answer a call
HOME = (-0.1, -0.13, 0.101, -2.526, 0.019, 2.397, 0.771)  # [rad] the tool at 0.45, 0, 0.22 m, pointing down


@dataclass(frozen=True)
class FrankyConfig:
    """Field names are parameter names."""

    hostname: str = "172.16.0.2"
    enforce_realtime: bool = True  # refuse a kernel without PREEMPT_RT
    translational_stiffness: float = 800.0  # [N/m]
    rotational_stiffness: float = 40.0  # [N m/rad]
    error_clip_m: float = 0.03
    error_clip_rad: float = 0.2
    collision_torque: float = 40.0  # at a joint, at which the arm's own control stops it [N m]
    collision_force: float = 60.0  # at the tool [N], and by half as many [N m]
    reset_dynamics: float = 0.15  # of the arm's own limits; 0.2 at most
    home: tuple[float, ...] = HOME

    def __post_init__(self) -> None:
        if not 0.0 < self.reset_dynamics <= 0.2:
            raise ValueError(f"reset_dynamics lies in (0, 0.2], got {self.reset_dynamics}")
        if len(self.home) != 7:
            raise ValueError(f"home has 7 joint angles, got {len(self.home)}")
        if min(self.translational_stiffness, self.rotational_stiffness, self.error_clip_m, self.error_clip_rad) <= 0:
            raise ValueError(f"stiffness and error clips must be positive, got {self}")


class FrankyArm:
    """The backend. Its methods leave word for the worker, and return what is known."""

    def __init__(self, config: FrankyConfig):
        self.config = config
        self._gripper = FrankyGripper(config.hostname)
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._state: ArmState | None = None
        self._lost = "it has not been tried yet"
        self._target: Target | None = None
        self._progress = 1.0
        self._going_home = False
        self._trouble = ""  # what a call came to, until a person recovers the arm
        self._running = True
        self._halted = threading.Event()  # a motion that was asked for before does not begin any more
        self._wanted = threading.Event()  # the node wants a connection
        self._robot: Any = None
        self._tracker: Any = None
        self._thread = threading.Thread(target=self._work, name="franky", daemon=True)
        self._thread.start()

    def connect(self) -> None:
        """Raises ArmLost until the arm has answered; it is tried on in the background."""
        self._wanted.set()
        self.read()

    def read(self) -> ArmState:
        """The newest state. Raises ArmLost when the arm is gone."""
        state = self._state
        if state is None:
            raise ArmLost(f"the arm at {self.config.hostname} is not reachable: {self._lost}")
        return replace(state, width=self._gripper.width, gripper_trouble=self._gripper.trouble)

    def begin(self, target: Target) -> None:
        """Follow targets from now on."""
        self._target = target
        self._halted.clear()
        self._calls.put(self._start_tracker)

    def tell(self, target: Target) -> None:
        """The newest target."""
        self._target = target
        self._gripper.tell(target.width)

    def halt(self) -> None:
        """Follow nothing any more."""
        self._halted.set()
        self._calls.put(self._stop)

    def reset(self) -> None:
        """Open the gripper, and begin the slow motion to the start."""
        self._progress = 0.0
        self._gripper.tell(OPEN_M)
        self._halted.clear()
        self._calls.put(self._go_home)

    def progress(self) -> float:
        """Of the reset motion."""
        return self._progress

    def recover(self) -> None:
        """Clear the reflex. Raises ArmLost when the arm does not answer, or refuses."""
        done: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._calls.put(lambda: done.put(self._recover()))
        try:
            why = done.get(timeout=CALL_S)
        except queue.Empty:
            raise ArmLost(f"the arm did not answer within {CALL_S:g} s") from None
        if why:
            raise ArmLost(why)

    def close(self) -> None:
        self._running = False
        self._thread.join(timeout=CALL_S)
        self._gripper.close()

    # What follows runs in the worker.

    def _work(self) -> None:
        while self._running:
            if self._robot is None:
                if self._wanted.wait(timeout=0.1):
                    self._open()
                continue
            try:
                self._turn()
            except Exception as error:  # whatever franky throws: a fault, if the arm still answers
                self._failed(str(error))
        if self._robot is not None:
            self._quietly(self._rest)

    def _turn(self) -> None:
        while not self._calls.empty():
            self._calls.get()()
        if self._tracker is not None and self._target is not None:
            self._tracker.set_target(affine(self._target))
        self._look()
        time.sleep(POLL_S)

    def _open(self) -> None:
        import franky

        realtime = franky.RealtimeConfig.Enforce if self.config.enforce_realtime else franky.RealtimeConfig.Ignore
        self._wanted.clear()
        try:
            self._robot = franky.Robot(self.config.hostname, realtime_config=realtime)
            c = self.config
            forces = [c.collision_force] * 3 + [c.collision_force / 2] * 3
            self._robot.set_collision_behavior(c.collision_torque, forces)
            self._look()
            self._gripper.open()
        except Exception as error:  # network, protocol, version, another driver: the text says which
            self._forget(str(error))

    def _failed(self, why: str) -> None:
        self._tracker, self._trouble = None, why
        try:
            self._look()
        except Exception as gone:
            self._forget(f"{why}; {gone}")

    def _forget(self, why: str) -> None:
        self._lost, self._state, self._progress, self._trouble = why, None, 1.0, ""
        self._robot = self._tracker = None
        self._going_home = False
        while not self._calls.empty():
            self._calls.get()

    def _look(self) -> None:
        robot = self._robot
        state = robot.state
        faults = errors_of(state.current_errors)
        if not faults and self._tracker is not None:
            faults = self._poll()
        if not faults and self._trouble:
            faults = [self._trouble]
        if faults:
            self._tracker = None
        pose = robot.current_pose.end_effector_pose
        twist = robot.current_cartesian_velocity.end_effector_twist
        self._state = ArmState(
            read_s=time.monotonic(),
            joints=tuple(map(float, state.q)),
            joint_velocities=tuple(map(float, state.dq)),
            pose=six_of(pose),
            twist=six([*twist.linear, *twist.angular]),
            wrench=six(state.O_F_ext_hat_K),
            width=0.0,
            fault=f"the arm stopped by itself: {', '.join(faults)}" if faults else "",
        )
        if self._going_home:
            self._watch_home(faults)

    def _poll(self) -> list[str]:
        """Errors of an asynchronous motion surface at the next call: this one."""
        try:
            self._robot.poll_motion()
        except Exception as error:
            return [str(error)]
        return [] if self._robot.is_in_control else ["the tracker lost control"]

    def _start_tracker(self) -> None:
        import franky

        c = self.config
        self._rest()
        if self._halted.is_set():
            return
        self._tracker = franky.CartesianImpedanceTracker(
            self._robot,
            translational_stiffness=c.translational_stiffness,
            rotational_stiffness=c.rotational_stiffness,
            translational_error_clip=np.full(3, c.error_clip_m),
            rotational_error_clip=np.full(3, c.error_clip_rad),
        )

    def _stop(self) -> None:
        self._rest()

    def _rest(self) -> None:
        """Let the tracker's torque fade, or preempt another motion; returns when the arm's control has ended."""
        import franky

        tracker, self._tracker, self._going_home = self._tracker, None, False
        if tracker is not None and self._robot.is_in_control:
            self._robot.move(franky.TorqueStopMotion(), asynchronous=True)
        elif self._robot.is_in_control:
            self._quietly(self._robot.stop)
        end = time.monotonic() + REST_S
        while self._robot.is_in_control and time.monotonic() < end:
            self._look()
            time.sleep(POLL_S)
        self._quietly(self._robot.join_motion, REST_S)

    def _go_home(self) -> None:
        import franky

        self._rest()
        if self._halted.is_set():
            self._progress = 1.0
            return
        motion = franky.JointMotion(list(self.config.home), relative_dynamics_factor=self.config.reset_dynamics)
        self._robot.move(motion, asynchronous=True)
        self._going_home = True

    def _watch_home(self, faults: list[str]) -> None:
        assert self._state is not None
        left = float(np.max(np.abs(np.subtract(self._state.joints, self.config.home))))
        moving = not faults and not self._robot.poll_motion()
        self._progress, self._going_home = (min(0.99, math.exp(-left)), True) if moving else (1.0, False)

    def _recover(self) -> str:
        try:
            self._robot.recover_from_errors()
            self._trouble = ""
            self._look()
        except Exception as error:
            return f"the arm could not be recovered: {error}"
        return self._state.fault if self._state is not None else self._lost

    def _quietly(self, call: Callable[..., Any], *arguments: Any) -> None:
        """A stop that fails has nothing to stop; the fault itself is in the state."""
        try:
            call(*arguments)
        except Exception as error:
            self._lost = str(error)


def affine(target: Target) -> Any:
    """A target as franky's pose."""
    import franky

    return franky.Affine(np.array(target.pose[:3]), np.array(quaternion(target.pose)))


def six_of(pose: Any) -> Six:
    """Franky's pose as six numbers."""
    x, y, z = map(float, pose.translation)
    a, b, c, d = map(float, pose.quaternion)
    return pose_of((x, y, z), (a, b, c, d))


def errors_of(errors: Any) -> list[str]:
    """Names of the errors that are set."""
    names = (name for name in dir(errors) if not name.startswith("_"))
    return [name for name in names if getattr(errors, name) is True]


def six(values: Any) -> Six:
    """Six floats."""
    return cast(Six, tuple(float(v) for v in np.asarray(values, dtype=float).reshape(-1)))

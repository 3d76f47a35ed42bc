"""An arm of wax and the lab around it, for tests of what stands above any arm."""

from dataclasses import replace

from zprl_control.driver import ArmLost, ArmState
from zprl_control.report import Report
from zprl_control.safety.command_arbiter import Priority
from zprl_control.safety.interlocks import Interlocks
from zprl_control.safety.limits import Limits
from zprl_control.session import ArmSession
from zprl_core.gripper_state import GripperState
from zprl_core.target import Pose6, Target, Twist6

HERE: Pose6 = (0.45, 0.0, 0.2, 0.0, 0.0, 0.0)
STILL: Twist6 = (0.0,) * 6  # type: ignore[assignment]
JOINTS = (-0.1, -0.13, 0.101, -2.526, 0.019, 2.397, 0.771)  # far from their ends
PERIOD_S = 0.05


def moved(**by: float) -> Pose6:
    """HERE, moved along or turned about the named axes."""
    names = ("x", "y", "z", "roll", "pitch", "yaw")
    x, y, z, roll, pitch, yaw = (value + by.get(name, 0.0) for name, value in zip(names, HERE, strict=True))
    return x, y, z, roll, pitch, yaw


class FakeArm:
    """An arm that is where it is told to be."""

    def __init__(self) -> None:
        self.now = 0.0
        self.reachable = True
        self.state = ArmState(0.0, JOINTS, (0.0,) * 7, HERE, STILL, STILL, 0.08)
        self.told: list[Target] = []
        self.halted = True
        self.done = 1.0
        self.resets = 0

    def connect(self) -> None:
        self.read()

    def read(self) -> ArmState:
        if not self.reachable:
            raise ArmLost("the cable is out; plug it in")
        return replace(self.state, read_s=self.now)

    def begin(self, target: Target) -> None:
        assert target.pose == self.state.pose
        self.halted = False

    def set_target(self, target: Target) -> None:
        assert not self.halted
        self.told.append(target)
        joints = target.joints or self.state.joints
        self.state = replace(self.state, pose=target.pose, width=target.width, joints=joints)

    def halt(self) -> None:
        self.halted = True

    def reset(self) -> None:
        assert self.halted
        self.done, self.resets = 0.0, self.resets + 1

    def progress(self) -> float:
        return self.done

    def home_gripper(self) -> None:
        self.state = replace(self.state, gripper=GripperState())

    def recover(self) -> None:
        self.state = replace(self.state, fault="")

    def close(self) -> None:
        self.halted = True


class ArmHarness:
    """A session and its clock."""

    def __init__(self) -> None:
        self.arm = FakeArm()
        self.interlocks = Interlocks(Limits())
        self.session = ArmSession(self.arm, Limits(), PERIOD_S, interlocks=self.interlocks)

    def step(self, count: int = 1) -> Report:
        for _ in range(count):
            self.arm.now += PERIOD_S
            report = self.session.tick(self.arm.now)
        return report

    def command(self, x: float = 0.5, source: str = "policy", priority: Priority = Priority.POLICY) -> str:
        return self.session.command(Target((x, *HERE[1:]), 0.04), source, priority, self.arm.now)


def enabled_harness() -> ArmHarness:
    """Connected, armed, holding."""
    lab = ArmHarness()
    lab.step()
    lab.session.enable()
    return lab

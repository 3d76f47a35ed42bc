"""Sends random and adversarial commands through an arm session; measures outputs outside the limits, and the cost.

python benchmarks/guards.py --commands 1000000

Two arms take turns. The first one gets tool commands, and its tool is pushed now and then. Its joints are random: most
of the time they have room; when one is at its limit or approaches it, no command of a policy may be followed until a
human has moved the arm. The second one is an FR3 with consistent joints and tool, which gets joint and tool commands:
no output may exceed the joint limits, or move the tool out of its workspace.
"""

import time
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import tyro
from tqdm import trange

import support  # noqa: F401  before what it finds
from adversary import Adversary, Excess
from joint_arm import JointArm
from zprl_control.driver import ArmState
from zprl_control.report import Report
from zprl_control.safety.command_arbiter import CommandArbiter, Priority
from zprl_control.safety.limits import Limits
from zprl_control.session import ArmSession
from zprl_core.arm_mode import ArmMode
from zprl_core.target import Target, Twist6
from zprl_hardware.franka.kinematics import tool_at

PERIOD_S = 0.05
RESTART = 20_000  # commands after which the arm is enabled again, at another pose
CHANGES = 0.02  # probability per step that commands change between tool and joints
LAG = 0.7  # share of the distance to the target that the FR3 moves in a step
LOW, HIGH = (-1.2, -1.2, -2.8), (1.2, 1.2, 2.8)  # workspace of roll, pitch and yaw of the FR3 [rad]
PERSONS = 0.2  # share of a human's commands while only a human may move the arm
STILL: Twist6 = (0.0,) * 6  # type: ignore[assignment]


@dataclass(frozen=True)
class Options:
    """Try to get a command past the guards."""

    commands: int = 1_000_000
    """Number of commands"""
    seed: int = 0
    """Seed of all random choices"""


class RandomArm:
    """An arm that lags, is pushed now and then, and has random joints; checks each target that it gets."""

    def __init__(self, adversary: Adversary, excess: Excess):
        self.adversary, self.excess, self.now = adversary, excess, 0.0
        self.pose, self.told = adversary.somewhere(), Target(STILL, 0.0)
        self.move()

    def move(self) -> None:
        """Simulate one period; not part of `read`, so that it does not count as cost."""
        self.now += PERIOD_S
        angles, velocities, self.stretched = self.adversary.joints()
        self.state = ArmState(self.now, angles, velocities, self.pose, STILL, STILL, 0.04)

    def obey(self) -> None:
        """Check the target, and follow it."""
        self.excess.see(self.told, self.pose)
        self.pose = self.adversary.follows(self.pose, self.told)

    def connect(self) -> None: ...

    def read(self) -> ArmState:
        return self.state

    def begin(self, target: Target) -> None:
        self.excess.begin(target.pose)

    def set_target(self, target: Target) -> None:
        self.told = target

    def halt(self) -> None: ...

    def reset(self) -> None: ...

    def progress(self) -> float:
        return 1.0

    def recover(self) -> None: ...

    def close(self) -> None: ...


class Trial:
    """The first arm, enabled, with what a policy may do now."""

    def __init__(self, limits: Limits, adversary: Adversary, excess: Excess):
        self.adversary, self.arm = adversary, RandomArm(adversary, excess)
        self.session = ArmSession(self.arm, limits, PERIOD_S, arbiter=CommandArbiter(hold_off_s=0.0))
        self.session.tick(self.arm.now)
        self.session.enable()
        self.blocked = False  # True while only a human may move it
        self.wrong = 0  # commands followed that should not have been, or the reverse

    def step(self) -> float:
        """Send one command; return its cost [s]."""
        by_hand = self.blocked and self.adversary.rng.random() < PERSONS
        requested, self.session.command_gain = self.adversary.command(self.arm.pose), self.adversary.command_gain()
        source, priority = ("hand", Priority.PERSON) if by_hand else ("policy", Priority.POLICY)
        self.arm.move()
        begin = time.perf_counter()
        why = self.session.command(requested, source, priority, self.arm.now)
        report = self.session.tick(self.arm.now)
        cost = time.perf_counter() - begin
        if why or report.mode not in (ArmMode.STREAM, ArmMode.HOLD):
            raise AssertionError(f"{report.mode.name}: {why or report.reason}")
        self.arm.obey()
        self._judge(report, by_hand)
        return cost

    def _judge(self, report: Report, by_hand: bool) -> None:
        self.blocked = not by_hand and (self.blocked or self.arm.stretched)
        self.wrong += (report.mode == ArmMode.HOLD) != self.blocked


class JointedArm(JointArm):
    """An FR3 that lags, with the tool at the forward kinematics of its joints; checks each target that it gets."""

    def __init__(self, excess: Excess):
        super().__init__(follows=LAG)
        self.excess, self.told = excess, Target(STILL, 0.0)

    def begin(self, target: Target) -> None:
        self.excess.begin(target.pose)

    def set_target(self, target: Target) -> None:
        self.told = target

    def obey(self) -> None:
        """Check the target, and follow it."""
        self.excess.see(self.told, self.state.pose, self.joints)
        super().set_target(self.told)


class JointTrial:
    """The second arm, enabled: joint and tool commands of a policy, and of a human while a joint is near its limit."""

    wrong = 0

    def __init__(self, limits: Limits, adversary: Adversary, excess: Excess):
        self.adversary, self.arm = adversary, JointedArm(excess)
        arbiter = CommandArbiter(hold_off_s=0.0)
        self.session = ArmSession(self.arm, limits, PERIOD_S, arbiter=arbiter, tool_at=tool_at)
        self.session.tick(self.arm.now)
        self.session.enable()
        self.in_joints = self.blocked = False

    def step(self) -> float:
        """Send one command; return its cost [s]."""
        adversary, arm = self.adversary, self.arm
        self.in_joints ^= bool(adversary.rng.random() < CHANGES)
        asked = adversary.joint_command(arm.joints) if self.in_joints else adversary.command(arm.state.pose)
        self.session.command_gain = adversary.command_gain()
        source, rank = ("hand", Priority.PERSON) if self.blocked else ("policy", Priority.POLICY)
        arm.now += PERIOD_S
        begin = time.perf_counter()
        why = self.session.command(asked, source, rank, arm.now)
        report = self.session.tick(arm.now)
        cost = time.perf_counter() - begin
        if why or report.mode not in (ArmMode.STREAM, ArmMode.HOLD):
            raise AssertionError(f"{report.mode.name}: {why or report.reason}")
        self.blocked = report.mode == ArmMode.HOLD
        arm.obey()
        return cost


def main() -> None:
    options = tyro.cli(Options)
    limits, adversary = Limits(), Adversary(Limits(), options.seed)
    tilting = Adversary(replace(limits, low=(*limits.low[:3], *LOW), high=(*limits.high[:3], *HIGH)), options.seed)
    cost, excess = np.zeros(options.commands), Excess(limits, PERIOD_S)
    joints, trials = Excess(tilting.limits, PERIOD_S, tool_at), []
    for k in trange(options.commands, unit="command", leave=False):
        if k % RESTART == 0:
            second = k // RESTART % 2 == 1
            kind, by, ruler = (JointTrial, tilting, joints) if second else (Trial, adversary, excess)
            trials.append(kind(by.limits, by, ruler))
        cost[k] = trials[-1].step()
    counts = sum((trial.session.counts for trial in trials), Counter())
    p50, p99 = 1e6 * np.percentile(cost, (50, 99))
    print("| commands through the guards | |\n|---|---|")
    print(f"| commands | {options.commands} |")
    for name, count in sorted(counts.items()):
        print(f"| stopped or clipped by {name} | {count} |")
    print(f"| steps that braked because no trajectory was found | {counts['trajectory']} |")
    print(f"| cost p50, p99 [us] | {p50:.1f}, {p99:.1f} |")
    for motion, ruler in (("tool", excess.tool), ("tool, FR3", joints.tool), ("joints", joints.joints)):
        for name, worst in ruler.worst.items():
            print(f"| largest {name} ({motion}), fraction of its limit | {worst:.6f} |")
    print(f"\n{excess.count + joints.count} outputs outside the limits")
    print(f"{sum(trial.wrong for trial in trials)} commands near a joint limit were followed or refused wrongly")


if __name__ == "__main__":
    main()

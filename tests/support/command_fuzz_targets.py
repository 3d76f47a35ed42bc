"""The doors that messages between policy and robot come through: commands, poses, joints, episode events."""

from pathlib import Path
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, Quaternion
from geometry_msgs.msg import Pose as PoseMessage
from hypothesis import strategies as st
from sensor_msgs.msg import JointState

from fuzz_samples import FROZEN, SOURCE, flown_policy
from fuzz_target import Enter, FuzzTarget
from mutators import doubles, floats, numbers, words
from zprl.delivery import transition_codec
from zprl.delivery.transition_codec import Key
from zprl.rl.config import ProblemSize
from zprl.rl.residual_policy import ResidualPolicy
from zprl.training.finetune import problem_size
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.observation import TOOL, WIDTH, Pose
from zprl_core.observation_spec import arm_observation
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.poses import object_from, tool_from
from zprl_core.ros.samples import width_from
from zprl_core.streams.stream_buffer import StreamBuffer
from zprl_msgs.msg import ArmCommand
from zprl_policy.policy_runner import PolicyRunner
from zprl_sim.lockstep_session import LockstepSession
from zprl_sim.robot import SimRobot
from zprl_sim.ros.messages import target_from
from zprl_sim.tasks.catalog import task_named

poses = st.builds(
    PoseMessage, position=st.builds(Point, x=doubles, y=doubles, z=doubles),
    orientation=st.builds(Quaternion, x=doubles, y=doubles, z=doubles, w=doubles),
)  # fmt: skip
upright = st.builds(
    PoseMessage, position=st.builds(Point, x=doubles, y=doubles, z=doubles),
    orientation=st.builds(Quaternion, x=st.floats(0.99, 1.01), y=st.floats(-0.1, 0.1), z=st.just(0.0), w=st.just(0.0)),
)  # fmt: skip
times = st.builds(Time, sec=st.integers(-(2**31), 2**31 - 1), nanosec=st.integers(0, 2**32 - 1))
sent_joints = st.one_of(
    st.just([]), st.just([]), st.lists(st.floats(-3.5, 3.5), min_size=7, max_size=7), st.lists(doubles, max_size=9)
)
commands = st.builds(
    ArmCommand, target=poses | upright, gripper_width=doubles, source=words, weights_number=numbers, joints=sent_joints
)


def _commanding(folder: Path) -> Enter:
    """As the sim node does it in lockstep, with a hand that may tilt by 0.8 rad, and with one that may not."""
    sessions = [LockstepSession(SimRobot(task_named(task))) for task in ("lift", "angled_insert")]
    low, high = np.array([0.28, -0.30, 0.012]), np.array([0.66, 0.30, 0.42])

    def enter(command: ArmCommand) -> bool:
        for session in sessions:
            arm, data = session.robot.arm, session.robot.data
            target = target_from(command, arm.tilt)
            was = np.array(arm.tool_at(tuple(arm.positions(data)[:7].tolist()))[:3])
            told = session.advance({"": target}, {}).arms[""].executed.target
            at = np.array(told.tool.position if told.tool else arm.tool_at(told.joints)[:3])
            inside = np.all(at >= np.minimum(low, was) - 1e-3) and np.all(at <= np.maximum(high, was) + 1e-3)
            if not (told.finite and inside and 0.0 <= told.width <= 0.08):
                raise AssertionError(f"a command got past the guard: {told}")
        return False

    return enter


joints = st.builds(
    JointState,
    name=st.lists(st.sampled_from(["finger_joint1", "fr3_finger_joint2", "x", ""]) | words, max_size=12),
    position=st.lists(doubles, max_size=12),
)


def _measuring(folder: Path) -> Enter:
    def enter(message: JointState) -> bool:
        return not np.isfinite(width_from(message))

    return enter


events = st.builds(
    EpisodeEvent,
    st.sampled_from(EpisodeEventKind),
    times.map(ns_from) | st.integers(0, 40),
    st.integers(0, 2**32 - 1),
    floats,
)
stamped = st.one_of(st.integers(0, 40).map(lambda k: 50_000_000 * k), times.map(ns_from))
sane = st.builds(Pose, st.tuples(*[st.floats(-1, 1)] * 3), st.floats(-4, 4))
samples = st.one_of(
    st.tuples(st.just(TOOL), stamped, poses.map(tool_from) | sane),
    st.tuples(st.just("cube"), stamped, poses.map(object_from) | sane),
    st.tuples(st.just(WIDTH), stamped, doubles | st.floats(0, 0.08)),
)
moments = st.tuples(stamped, sane, poses.map(object_from) | sane, doubles | st.floats(0, 0.08))  # a whole state
flights = st.lists(st.one_of(moments, moments, samples, events, st.just("tick")), min_size=5, max_size=40)


def _flying(folder: Path) -> Enter:
    """As the policy node does it, in lockstep and in real time."""

    def enter(story: list[Any]) -> bool:
        runner = PolicyRunner(flown_policy(), StreamBuffer(arm_observation(("cube",))))
        now, made = 0, []
        runner.on_event(EpisodeEvent(EpisodeEventKind.STARTED, 0, 1))
        for word in story:
            now += 50_000_000
            if isinstance(word, EpisodeEvent):
                runner.on_event(word)
                answer = runner.answer(word.stamp_ns)
            elif word == "tick":
                answer = runner.tick(now, 200_000_000)
            elif len(word) == 4:
                stamp, tool, cube, width = word
                for stream, sample in ((TOOL, tool), ("cube", cube), (WIDTH, width)):
                    runner.streams.push(stream, stamp, sample, now)
                answer = runner.answer(stamp)
            else:
                runner.streams.push(word[0], word[1], word[2], now)
                answer = runner.answer(word[1])
            made += runner.policy.take()
            if answer is not None and not answer.targets[""].finite:
                raise AssertionError(f"a command that is not finite: {answer}")
        for t in made:
            transition_codec.decode(transition_codec.encode(Key("run", *SOURCE, 0), t), _size(runner.policy))
        return runner.held_ticks > 0

    return enter


def _size(policy: ResidualPolicy) -> ProblemSize:
    return problem_size(FROZEN, policy.steering)


COMMAND_TARGETS = (
    FuzzTarget("ArmCommand", 0.03, commands, _commanding, (ValueError,)),
    FuzzTarget("joint_states", 0.02, joints, _measuring, (ValueError,)),
    FuzzTarget("poses and episode events", 0.02, flights, _flying),
)

"""What the stream gate admits and refuses. Stamps and a fake steady clock [s]; the arm's clock is the reference."""

from dataclasses import replace

import numpy as np
import pytest

from zprl_core.observation import TOOL, WIDTH, Observation, Pose, Sample
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation
from zprl_core.streams.stream_buffer import RING, StreamBuffer, Unavailable
from zprl_core.streams.stream_gate import Admission, Cause, StreamGate

CUBE, CAMERA = "cube", "front"
SPEC = arm_observation((CUBE,))
SEEING = ObservationSpec((*SPEC.streams, StreamSpec(CAMERA, "camera/image", StreamKind.IMAGE, (2, 2, 3))))
POSE = Pose((0.5, 0.1, 0.2), 0.3)
IMAGE = np.zeros((2, 2, 3), np.uint8)
SAMPLES: dict[str, Sample] = {TOOL: POSE, WIDTH: 0.08, CUBE: POSE, CAMERA: IMAGE}
EPOCH = 1_700_000_000.0


def ns(seconds: float) -> int:
    return round(seconds * 1e9)


class Robot:
    """A gate, and messages that arrive every 50 ms; `shift` is the error of each stream's clock [s]."""

    def __init__(self, spec: ObservationSpec = SPEC, lockstep: bool = False):
        self.jumps: list[str] = []
        self.gate = StreamGate(StreamBuffer(spec), TOOL, lockstep, self.jumps.append)
        self.now_s = 0.0
        self.said: dict[str, str] = {}

    def live(self, steps: int = 3, stamp: dict[str, float] | None = None, **shift: float) -> None:
        for _ in range(steps):
            self.now_s += 0.05
            for stream in self.gate.buffer.spec.streams:
                at = (stamp or {}).get(stream.name, EPOCH + self.now_s + shift.get(stream.name, 0.0))
                self.said[stream.name] = self.gate.admit(stream, ns(at), SAMPLES[stream.name], ns(self.now_s)).why

    def newest(self) -> Observation | Unavailable:
        return self.gate.buffer.newest(ns(self.now_s))

    def reason(self) -> str:
        newest = self.newest()
        assert isinstance(newest, Unavailable)
        return newest.reason


def test_streams_of_one_clock_are_admitted_whatever_this_computers_clock() -> None:
    robot = Robot()
    robot.live(cube=0.02)
    assert isinstance(robot.newest(), Observation) and not robot.gate.counts


@pytest.mark.parametrize(
    ("shift", "how"), [(-600.0, "600.0 s behind"), (600.0, "600.0 s ahead of"), (1.5, "1.5 s ahead of")]
)
@pytest.mark.parametrize("name", [CUBE, WIDTH, CAMERA])
def test_another_computers_clock_is_refused_with_its_offset(name: str, shift: float, how: str) -> None:
    robot = Robot(SEEING)
    robot.live()
    robot.live(5, **{name: shift})
    topic = SEEING[name].topic
    assert robot.reason().startswith(
        f"{topic} is stamped {how} arm/current_pose: the clocks of their computers disagree"
    )
    assert "chronyc tracking" in robot.reason() and robot.gate.counts == {(name, Cause.STAMP): 5}


@pytest.mark.parametrize("name", [TOOL, WIDTH, CUBE, CAMERA])
@pytest.mark.parametrize("lockstep", [False, True])
def test_a_stamp_of_zero_is_refused(name: str, lockstep: bool) -> None:
    robot = Robot(SEEING, lockstep)
    robot.live(1, {name: 0.0})
    assert robot.reason() == f"{SEEING[name].topic} has no stamp: set header.stamp to the time of measurement"


@pytest.mark.parametrize("name", [TOOL, WIDTH, CUBE, CAMERA])
def test_one_stamp_repeated_for_ever_becomes_stale_and_is_said(name: str) -> None:
    robot = Robot(SEEING)
    robot.live(3, {name: EPOCH})
    assert isinstance(robot.newest(), Observation)  # younger than 200 ms
    robot.live(10, {name: EPOCH})
    assert robot.reason().startswith(f"{SEEING[name].topic} repeats a stamp")
    assert robot.gate.counts[name, Cause.REPEATED] == 12 and not robot.jumps


def test_a_sample_older_than_its_age_by_its_stamp_is_not_used() -> None:
    robot = Robot()
    robot.live(5, cube=-0.4)
    assert robot.reason().startswith("objects/cube/pose is 400 ms older by its stamp than arm/current_pose, the limit")


def test_a_stream_that_goes_back_alone_is_refused_and_the_others_are_kept() -> None:
    robot = Robot()
    robot.live(5)
    robot.live(3, cube=-30.0)
    assert isinstance(robot.newest(), Observation) and not robot.jumps
    assert robot.said[CUBE].startswith("objects/cube/pose is stamped 30.0 s behind arm/current_pose")


@pytest.mark.parametrize("by", [-3600.0, 3600.0])
def test_the_robots_clock_set_is_reported_once_and_the_streams_begin_anew(by: float) -> None:
    robot = Robot()
    robot.live(5)
    robot.live(5, tool=by, width=by, cube=by)
    way = "back" if by < 0 else "forward"
    assert robot.jumps == [f"the clock of arm/current_pose was set {way} by 3600.0 s"]
    newest = robot.newest()
    assert isinstance(newest, Observation) and newest.stamp_ns == ns(EPOCH + robot.now_s + by)


def test_a_small_step_back_is_stale_and_never_acted_on_as_new() -> None:
    """A clock stepped back by 0.4 s: for as long, every sample has an older stamp than the newest one."""
    robot = Robot()
    robot.live(5)
    robot.live(6, tool=-0.4, width=-0.4, cube=-0.4)
    assert "is stale: 300 ms old" in robot.reason()
    robot.live(4, tool=-0.4, width=-0.4, cube=-0.4)
    assert isinstance(robot.newest(), Observation)


@pytest.mark.parametrize(
    ("sample", "why"),
    [(Pose((np.nan, 0.0, 0.0)), "a number that is not finite"), (Pose((1e300, 0.0, 0.0)), "not finite")],
)
def test_numbers_that_are_not_finite_are_refused(sample: Pose, why: str) -> None:
    robot = Robot()
    robot.live()
    for _ in range(5):
        robot.now_s += 0.05
        for name, s in {**SAMPLES, CUBE: sample}.items():
            if name != CAMERA:
                robot.gate.admit(SPEC[name], ns(EPOCH + robot.now_s), s, ns(robot.now_s))
    assert "objects/cube/pose" in robot.reason() and why in robot.reason()
    assert robot.gate.counts == {(CUBE, Cause.NUMBERS): 5}


def test_an_image_of_another_size_is_refused() -> None:
    gate = StreamGate(StreamBuffer(SEEING), TOOL)
    why = gate.admit(SEEING[CAMERA], ns(EPOCH), np.zeros((4, 4, 3), np.uint8), 0).why
    assert why.startswith("camera/image has shape (4, 4, 3), the policy expects (2, 2, 3)")


@pytest.mark.parametrize("level", [0, 90, 255])
def test_an_image_of_a_covered_lens_is_refused(level: int) -> None:
    """Black, gray or overexposed, with a sensor's noise."""
    camera = StreamSpec(CAMERA, "camera/image", StreamKind.IMAGE, (48, 64, 3))
    gate = StreamGate(StreamBuffer(ObservationSpec((*SPEC.streams, camera))), TOOL)
    noise = np.random.default_rng(0).integers(-2, 3, camera.shape)
    image = np.clip(level + noise, 0, 255).astype(np.uint8)
    why = gate.admit(camera, ns(EPOCH), image, 0).why
    assert why.startswith("camera/image shows nothing: every pixel is about") and "uncover the lens" in why
    image[:24] = np.clip(image[:24].astype(int) + (20 if level < 128 else -20), 0, 255)
    assert not camera.fault(image)


def test_depth_of_a_flat_surface_is_seen_and_one_without_a_measurement_refused() -> None:
    depth = StreamSpec("depth", "camera/depth", StreamKind.IMAGE, (48, 64, 1), depth_m=(0.2, 1.2))
    assert not depth.fault(np.full(depth.shape, 90, np.uint8))
    assert depth.fault(np.zeros(depth.shape, np.uint8)).startswith("camera/depth has no measured distance")


def test_a_good_message_ends_the_reason() -> None:
    robot = Robot()
    robot.live(5, {CUBE: 0.0})
    assert "has no stamp" in robot.reason()
    robot.live(1)
    assert isinstance(robot.newest(), Observation)


def test_a_slow_stream_is_stale_with_its_rate() -> None:
    robot = Robot()
    for _ in range(10):
        robot.live(10, cube=0.0) if robot.now_s == 0.0 else None
        robot.now_s += 0.5
        robot.gate.admit(SPEC[CUBE], ns(EPOCH + robot.now_s), POSE, ns(robot.now_s))
        for name in (TOOL, WIDTH):
            robot.gate.admit(SPEC[name], ns(EPOCH + robot.now_s), SAMPLES[name], ns(robot.now_s))
    robot.now_s += 0.3
    assert "is stale: 300 ms old, the limit is 200 ms; it arrives at" in robot.reason()


def test_in_lockstep_a_repeated_state_is_no_fault() -> None:
    """A simulation repeats its state while the policy waits for its learner."""
    robot = Robot(lockstep=True)
    for _ in range(3):
        robot.live(1, {name: EPOCH for name in (TOOL, WIDTH, CUBE)})
        assert not any(robot.said.values())
    assert not robot.gate.counts and robot.gate.buffer.at(ns(EPOCH)) is not None
    assert robot.gate.admit(SPEC[TOOL], ns(EPOCH), POSE, 0) == Admission(stored=False)


def test_in_lockstep_one_stream_that_repeats_its_stamp_leaves_no_state_and_is_named() -> None:
    robot = Robot(lockstep=True)
    robot.live(3, {CUBE: EPOCH})
    newest = ns(EPOCH + robot.now_s)
    assert robot.gate.buffer.at(newest) is None
    assert robot.gate.buffer.missing(newest).startswith("objects/cube/pose has no sample with the state's stamp; its")


def test_in_lockstep_a_sample_older_than_all_others_is_refused() -> None:
    gate = Robot(lockstep=True).gate
    for k in range(RING):
        gate.admit(SPEC[CUBE], ns(EPOCH + 0.005 * k), POSE, 0)
    assert gate.admit(SPEC[CUBE], ns(EPOCH - 0.01), POSE, 0).why.startswith("objects/cube/pose repeats a stamp, or is ")
    assert gate.counts == {(CUBE, Cause.REPEATED): 1}


def test_a_stored_sample_has_no_reason() -> None:
    with pytest.raises(ValueError, match="a stored sample has no reason"):
        Admission(stored=True, why="its stamp is 0")


def test_a_stream_without_reference_may_come_first() -> None:
    gate = StreamGate(StreamBuffer(SPEC), TOOL)
    assert gate.admit(SPEC[CUBE], ns(5.0), POSE, 0) == Admission(stored=True)


def test_the_tolerance_grows_with_the_streams_age() -> None:
    patient = replace(SPEC[CUBE], max_age_s=5.0)
    spec = ObservationSpec((SPEC[TOOL], SPEC[WIDTH], patient))
    robot = Robot(spec)
    robot.live(5, cube=-3.0)
    assert isinstance(robot.newest(), Observation)

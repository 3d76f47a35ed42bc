"""Samples brought together by stamp, and why there may be none."""

import numpy as np

from zprl_core.observation import TOOL, WIDTH, Observation, Pose
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation
from zprl_core.streams.stream_buffer import RING, StreamBuffer, Unavailable

CUBE = "cube"
SPEC = arm_observation((CUBE,))
POSE = Pose((0.5, 0.1, 0.2), 0.3)


def whole(stamp: int, streams: StreamBuffer, arrived: int | None = None) -> None:
    for name, sample in ((TOOL, POSE), (WIDTH, 0.08), (CUBE, POSE)):
        streams.push(name, stamp, sample, stamp if arrived is None else arrived)


def test_an_observation_needs_every_stream_at_its_stamp() -> None:
    streams = StreamBuffer(SPEC)
    streams.push(TOOL, 10, POSE, 10)
    streams.push(WIDTH, 10, 0.08, 10)
    assert streams.at(10) is None
    streams.push(CUBE, 20, POSE, 20)
    assert streams.at(10) is None and streams.at(20) is None
    streams.push(CUBE, 10, POSE, 20)
    seen = streams.at(10)
    assert isinstance(seen, Observation) and seen.stamp_ns == 10 and seen.objects["cube"] == POSE


def test_a_stamp_counts_once() -> None:
    streams = StreamBuffer(SPEC)
    assert streams.push(TOOL, 10, POSE, 10) and not streams.push(TOOL, 10, POSE, 11)


def test_old_stamps_leave_the_ring() -> None:
    streams = StreamBuffer(SPEC)
    for stamp in range(RING + 1):
        whole(stamp, streams)
    assert streams.at(0) is None and streams.at(1) is not None


def test_a_stamp_that_goes_back_forgets_what_was_before() -> None:
    streams = StreamBuffer(SPEC)
    for stamp in (100, 101, 90, 7):
        whole(stamp * 10**9, streams)
    assert streams.at(101 * 10**9) is None and streams.at(7 * 10**9) is not None


def test_a_sample_that_arrives_late_is_not_the_newest() -> None:
    streams = StreamBuffer(SPEC)
    for stamp in (10, 30, 20):
        whole(stamp, streams, arrived=40)
    seen = streams.newest(40, 100)
    assert isinstance(seen, Observation) and seen.stamp_ns == 30 and streams.at(20) is not None


def test_age_is_counted_from_arrival_whatever_clock_the_stamps_have() -> None:
    streams = StreamBuffer(SPEC)
    assert isinstance(streams.newest(0, 100), Unavailable)
    whole(7, streams, arrived=1000)
    seen = streams.newest(1100, 100)
    assert isinstance(seen, Observation) and seen.stamp_ns == 7
    held = streams.newest(1101, 100)
    assert isinstance(held, Unavailable) and "is stale" in held.reason


def test_what_is_not_finite_is_named() -> None:
    good = Observation.of_arm(0, POSE, 0.08, {"cube": POSE})
    assert SPEC.fault(good) == ""
    bad = Observation.of_arm(0, POSE, 0.08, {"cube": Pose((np.nan, 0, 0), 0.0)})
    assert "objects/cube/pose" in SPEC.fault(bad)


def test_a_number_that_is_not_finite_for_the_networks_is_a_hold() -> None:
    """1e300 is finite for ROS, and infinite as float32."""
    good = Observation.of_arm(0, POSE, 0.08, {"cube": POSE})
    assert SPEC.fault(good) == ""
    for bad in (
        Observation.of_arm(0, POSE, 1e300, {"cube": POSE}),
        Observation.of_arm(0, POSE, 0.08, {"cube": Pose((1e300, 0, 0), 0)}),
    ):
        assert "not finite" in SPEC.fault(bad)


def test_an_image_is_the_newest_before_the_state_and_within_its_age() -> None:
    """By stamps, in lockstep and for the final state of an episode."""
    camera = StreamSpec("front", "camera/image", StreamKind.IMAGE, (1, 1, 1), max_age_s=0.2)
    streams = StreamBuffer(ObservationSpec((*SPEC.streams, camera)))
    for k in (0, 1, 2, 20):
        whole(k * 50_000_000, streams)
    for k in (0, 2):
        streams.push("front", k * 50_000_000, np.full((1, 1, 1), k, np.uint8), 0)
    for k, image in ((0, 0), (1, 0), (2, 2)):
        seen = streams.at(k * 50_000_000)
        assert seen is not None and seen.samples["front"] == np.full((1, 1, 1), image)
    assert streams.at(20 * 50_000_000) is None
    why = streams.missing(20 * 50_000_000)
    assert why == "the newest image of camera/image is 0.90 s older than the state, the limit is 0.2 s older"


def test_a_state_waits_for_an_image_that_is_due() -> None:
    """In lockstep; otherwise the policy would see an older image when the state's message arrives first."""
    camera = StreamSpec("front", "camera/image", StreamKind.IMAGE, (1, 1, 1), max_age_s=0.2)
    streams, step = StreamBuffer(ObservationSpec((*SPEC.streams, camera))), 50_000_000
    for k in range(3):
        whole(k * step, streams)
        streams.push("front", k * step, np.zeros((1, 1, 1), np.uint8), 0)
    whole(3 * step, streams)
    assert streams.at(3 * step) is None
    assert streams.missing(3 * step) == "an image of camera/image is due, its newest is 0.05 s older than the state"
    streams.push("front", 3 * step, np.ones((1, 1, 1), np.uint8), 0)
    seen = streams.at(3 * step)
    assert seen is not None and seen.samples["front"] == np.ones((1, 1, 1))


def test_a_state_does_not_wait_for_a_camera_that_is_slower() -> None:
    camera = StreamSpec("front", "camera/image", StreamKind.IMAGE, (1, 1, 1), max_age_s=0.3)
    streams, step = StreamBuffer(ObservationSpec((*SPEC.streams, camera))), 50_000_000
    for k in range(10):
        whole(k * step, streams)
        if k in (0, 2, 4, 5, 7):  # every other state, and a reset in between
            streams.push("front", k * step, np.zeros((1, 1, 1), np.uint8), 0)
    assert streams.at(8 * step) is not None and streams.at(6 * step) is not None
    assert streams.at(9 * step) is None


def test_what_is_missing_at_a_stamp_is_named() -> None:
    streams = StreamBuffer(SPEC)
    streams.push(TOOL, 10**9, POSE, 0)
    streams.push(WIDTH, 10**9, 0.08, 0)
    assert streams.missing(10**9) == "no sample of objects/cube/pose yet"
    streams.push(CUBE, 1_300_000_000, POSE, 0)
    assert streams.missing(10**9) == (
        "objects/cube/pose has no sample with the state's stamp; its newest is 0.30 s newer than the state"
    )
    streams.refuse(CUBE, "objects/cube/pose is in frame 'x'")
    assert streams.missing(10**9) == "objects/cube/pose is in frame 'x'"
    streams.push(CUBE, 10**9, POSE, 0)
    assert streams.missing(10**9) == ""

"""The rate at which a viewer gets the messages of a topic."""

import pytest

from zprl_view.foxglove.rate_limit import RateLimit, rate_of


def admitted(rate: float, times: list[float]) -> list[float]:
    limit = RateLimit(rate)
    return [t for t in times if limit.admits(t)]


def test_a_slower_topic_passes_whole() -> None:
    times = [0.1 * k for k in range(20)]  # 10 Hz
    assert admitted(20.0, times) == times
    assert admitted(float("inf"), [0.0, 0.0, 0.0]) == [0.0, 0.0, 0.0]


def test_a_faster_topic_gets_its_rate() -> None:
    times = [k / 1000 for k in range(10_000)]  # 1 kHz for 10 s
    assert len(admitted(50.0, times)) == 501  # one at the start, and 50 in each second


def test_a_message_a_little_early_is_not_lost() -> None:
    times = [0.0, 0.1, 0.199, 0.301, 0.399]  # 10 Hz with jitter
    assert admitted(10.0, times) == times


def test_after_a_pause_there_is_no_burst() -> None:
    times = [0.0, 0.0, *(60.0 + 0.01 * k for k in range(10))]
    assert len(admitted(1.0, times)) <= 4


@pytest.mark.parametrize(
    ("kind", "rate"),
    [
        ("sensor_msgs/msg/Image", 5.0),
        ("sensor_msgs/msg/CompressedImage", 5.0),
        ("sensor_msgs/msg/JointState", 50.0),
        ("zprl_msgs/msg/ArmStatus", 50.0),
        ("tf2_msgs/msg/TFMessage", float("inf")),  # each has other frames
        ("zprl_msgs/msg/EpisodeEvent", float("inf")),
        ("foxglove_msgs/msg/CompressedVideo", float("inf")),  # a frame needs those before it
    ],
)
def test_only_what_is_replaced_by_the_next_message_is_limited(kind: str, rate: float) -> None:
    assert rate_of(kind, 5.0, 50.0) == rate

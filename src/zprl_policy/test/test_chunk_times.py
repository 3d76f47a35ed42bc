"""What the policy reports about the time from an observation to its command."""

from math import isnan

from zprl_policy.chunk_times import KEPT, ChunkTimes


def test_the_last_chunk_counts_and_percentiles_are_over_the_newest() -> None:
    times = ChunkTimes()
    assert isnan(times.inference_ms) and isnan(times.age_ms) and set(times.health().values()) == {"-"}
    times.add(5.0, 9.0)
    for _ in range(KEPT):
        times.add(0.002, 0.05)
    assert (times.inference_ms, times.age_ms) == (2.0, 50.0)
    assert times.health() == {"inference p99 [ms]": "2.00", "observation age p99 [ms]": "50.00"}


def test_without_a_clock_only_the_inference_is_known() -> None:
    times = ChunkTimes()
    times.add(0.002)
    assert isnan(times.age_ms) and times.health()["observation age p99 [ms]"] == "-"

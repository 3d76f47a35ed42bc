"""Bags of episodes, as the recorder writes them from events and messages."""

from collections.abc import Callable
from pathlib import Path

import pytest

from recording import NOON, STATE, Recording, S, times, wait_for
from zprl_core.bags.bag_list import LIVE, BagState, summary_of
from zprl_core.bags.bag_reader import bag_file, is_described
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_episodes.recording.bag_thread import Received
from zprl_episodes.recording.episode_recorder import EpisodeRecorder
from zprl_episodes.recording.settings import RecorderSettings


def test_a_bag_holds_the_episode_with_what_came_shortly_before_and_after(make: Callable[..., Recording]) -> None:
    recording = make()
    recording.states(30)  # 0.1 to 3.0 s
    recording.episode(EpisodeEventKind.SUCCESS)
    (bag,) = recording.bags()
    assert bag.name == "pick_up_20260501T120000Z_000003" and is_described(bag)
    assert times(bag)[0] == 2.0 and times(bag)[-1] == 4.2  # 1 s before, 0.2 s after
    assert times(bag) == [round(0.1 * k, 1) for k in range(20, 43)]


def test_a_bag_says_what_it_is(make: Callable[..., Recording]) -> None:
    recording = make(note="new gripper pads", robot="left", configuration='{"rate": 20}')
    recording.states(5)
    recording.episode(EpisodeEventKind.TIMEOUT)
    (bag,) = recording.bags()
    assert bag_file(bag).metadata() == {
        "task": "pick up", "robot": "left", "episode": "3", "started_ns": str(S // 2),
        "recorded": "2026-05-01T12:00:00+00:00", "note": "new gripper pads", "images": "raw",
        "configuration": '{"rate": 20}',
        "label": "timeout", "ended_ns": str(3 * S // 2), "steps": "40", "reward": "0", "source": "automatic",
        "reason": "", "dropped": "0",
    }  # fmt: skip


def test_every_bag_has_what_was_published_once(make: Callable[..., Recording]) -> None:
    recording = make()
    recording.states(30)
    for number in (3, 4):
        recording.episode(EpisodeEventKind.SUCCESS, number)
        recording.states(10)
    for bag in recording.bags():
        (model,) = bag_file(bag).messages(("/model",))
        assert model.data == b"the arm" and model.received_ns == min(m.received_ns for m in bag_file(bag).messages())


@pytest.mark.parametrize(("keep", "left"), [(False, []), (True, ["pick_up_20260501T120000Z_000003"])])
def test_a_discarded_episode_leaves_nothing_unless_it_is_wanted(
    make: Callable[..., Recording], keep: bool, left: list[str]
) -> None:
    recording = make(keep_discarded=keep)
    recording.episode(EpisodeEventKind.DISCARDED)
    assert [bag.name for bag in recording.bags()] == left
    assert recording.recorder.discarded == (not keep) and recording.recorder.kept == len(left)


def test_an_episode_that_starts_ends_the_one_before(make: Callable[..., Recording]) -> None:
    recording = make()
    recording.episode(EpisodeEventKind.SUCCESS, 0)
    recording.event(EpisodeEventKind.STARTED, 1)
    recording.states(4)
    recording.event(EpisodeEventKind.STARTED, 2)
    recording.states(4)
    bags = recording.bags()
    assert [bag_file(bag).metadata().get("label", "") for bag in bags] == ["success", "", ""]
    assert len(times(bags[2])) == 4


def test_an_episode_that_follows_at_once_has_its_first_state_too(make: Callable[..., Recording]) -> None:
    """In lockstep the next episode's first state is published some milliseconds after the end of the one before."""
    recording = make()
    recording.event(EpisodeEventKind.STARTED, 0)
    recording.states(5)
    recording.event(EpisodeEventKind.SUCCESS, 0)  # at 0.5 s
    recording.states(1)
    recording.event(EpisodeEventKind.STARTED, 1)
    recording.states(5)
    recording.event(EpisodeEventKind.SUCCESS, 1)
    first, second = recording.bags()
    assert times(first) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert times(second) == [0.6, 0.7, 0.8, 0.9, 1.0, 1.1]


def test_messages_that_wait_when_the_episode_ends_belong_to_it(make: Callable[..., Recording]) -> None:
    """A busy recorder hears of the end before it takes the last states out of their queues."""
    recording = make()
    recording.event(EpisodeEventKind.STARTED, 0)
    recording.states(5)
    recording.now_s = 0.8
    recording.event(EpisodeEventKind.SUCCESS, 0)
    for k in (6, 7, 8):
        recording.recorder.receive(Received("/state", b"1234", k * S // 10, 0))
        recording.recorder.step(9.0)
        assert recording.recorder.bag
    recording.recorder.step(9.1)  # nothing has come since
    assert not recording.recorder.bag
    (bag,) = recording.bags()
    assert times(bag) == [round(0.1 * k, 1) for k in range(1, 9)]


def test_names_do_not_collide(make: Callable[..., Recording]) -> None:
    recording = make()
    for _ in range(3):
        recording.episode(EpisodeEventKind.SUCCESS)
    assert [bag.name[-8:] for bag in recording.bags()] == ["Z_000003", "000003_1", "000003_2"]


def test_it_hears_its_topics_once_each_has_delivered_a_message(make: Callable[..., Recording]) -> None:
    recording = make()
    assert not recording.recorder.hears  # /model alone
    recording.states(1)
    assert recording.recorder.hears


def test_every_bag_has_the_static_transforms_of_all_their_publishers(make: Callable[..., Recording]) -> None:
    """Three cameras, of which one says it twice and one only after the start of the first episode."""
    recording = make()
    recording.recorder.add_topic(BagTopic("/tf_static", "a/msg/Tf", "string x\n"), latched=True)

    def mount(camera: bytes) -> None:
        at = round(recording.now_s * S)
        recording.recorder.receive(Received("/tf_static", camera, at, at))

    for camera in (b"front", b"side", b"front"):
        mount(camera)
    recording.states(30)
    recording.event(EpisodeEventKind.STARTED, 0)
    recording.states(5)
    mount(b"wrist")
    recording.states(5)
    recording.event(EpisodeEventKind.SUCCESS, 0)
    recording.states(3)
    recording.episode(EpisodeEventKind.SUCCESS, 1)
    heard = [[m.data for m in bag_file(bag).messages(("/tf_static",))] for bag in recording.bags()]
    assert heard == [[b"side", b"front", b"wrist"]] * 2


def test_missing_topics_are_named(make: Callable[..., Recording], tmp_path: Path) -> None:
    said: list[str] = []
    recorder = EpisodeRecorder(RecorderSettings(folder=str(tmp_path / "bags")), ("/state", "/wrist"), said.append)
    recorder.add_topic(STATE, latched=False)
    recorder.on_event(EpisodeEvent(EpisodeEventKind.STARTED, 0, 0), 0, NOON, 0.0)
    recorder.close()
    assert said == ["episode_20260501T120000Z_000000 misses /wrist: no node publishes them"]


def test_a_bag_is_marked_while_it_is_written(make: Callable[..., Recording]) -> None:
    recording = make()
    recording.event(EpisodeEventKind.STARTED)
    wait_for(lambda: any(recording.folder.glob(f"*/{LIVE}")))
    wait_for(lambda: [summary_of(bag).state for bag in recording.folder.iterdir()] == [BagState.RECORDING])
    (bag,) = recording.bags()
    assert not (bag / LIVE).exists() and summary_of(bag).state == BagState.COMPLETE


def test_times_of_today_need_all_their_digits(make: Callable[..., Recording]) -> None:
    """Nanoseconds since 1970 do not fit into a float."""
    recording = make(before_s=0.0)
    for k in range(1000):
        recording.recorder.receive(Received("/state", b"1234", 1_795_886_999_704_000_001 + k, 0))
    recording.event(EpisodeEventKind.STARTED)
    (bag,) = recording.bags()
    assert [m.received_ns for m in bag_file(bag).messages(("/state",))] == [1_795_886_999_704_001_000]


def test_a_folder_is_required(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="folder is empty"):
        EpisodeRecorder(RecorderSettings(), (), print)

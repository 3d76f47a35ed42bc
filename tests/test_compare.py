"""`zprl compare --ros`: two policies play over the graph in lockstep, and the bags show who did."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from rclpy.serialization import deserialize_message

from compared import finetuned_run
from zprl.rl.blind_order import plays_b
from zprl.training.paired_test import PairedTest
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.experiment.command import Compare
from zprl_cli.experiment.pairs import Pairs
from zprl_core.bags.bag_reader import bag_file
from zprl_core.ros import topics
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.interfaces import Topic
from zprl_msgs.msg import EpisodeEvent

pytestmark = pytest.mark.ros

SEED, PAIRS = 2, 6


def of_episode(bag: Path, topic: Topic) -> list[Any]:
    """Messages of a topic in the episode of a bag, which may have the last state of the episode before as well."""
    messages = list(bag_file(bag).messages())
    events = [deserialize_message(m.data, EpisodeEvent) for m in messages if m.topic == "/episode/event"]
    began = next(ns_from(event.header.stamp) for event in events if event.kind == EpisodeEvent.STARTED)
    found = [deserialize_message(m.data, topic.type) for m in messages if m.topic == f"/{topic.name}"]
    return [message for message in found if ns_from(message.header.stamp) >= began]


def first_position(bag: Path) -> tuple[float, ...]:
    """Position of the cube when the episode begins."""
    position = of_episode(bag, topics.OBJECT_POSE.of("cube"))[0].pose.position
    return position.x, position.y, position.z


def test_base_and_actor_play_by_the_order_from_the_same_resets(tmp_path: Path) -> None:
    finetuned_run(tmp_path / "one")
    options = RunOptions(bags=tmp_path / "bags")
    command = Compare(("one",), tmp_path, seed=SEED, test=PairedTest(max_pairs=PAIRS), ros=True, options=options)
    command.main()
    folder = tmp_path / "comparisons" / "one-base_one"
    assert len(Pairs(folder, SEED).complete) == PAIRS
    bags = {int(path.name.rsplit("_", 1)[1]): path for path in (tmp_path / "bags").iterdir() if path.is_dir()}
    starts, seen = [], set()
    for episode in range(2 * PAIRS):
        sources = {command.source for command in of_episode(bags[episode], topics.ARM_COMMAND)}
        assert sources <= {"policy/evaluate" if plays_b(SEED, episode) else "policy/base"}
        starts.append(first_position(bags[episode]))
        seen |= sources
    assert seen == {
        "policy/base",
        "policy/evaluate",
    }  # the first bags may lack commands, as the recorder finds them later
    assert starts[0::2] == starts[1::2] and len(set(starts)) == PAIRS
    replace(command, test=PairedTest(max_pairs=PAIRS)).main()  # nothing is left to play
    assert len(Pairs(folder, SEED).complete) == PAIRS

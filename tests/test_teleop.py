"""A person at a keyboard demonstrates a task in simulation, and a policy that learned from it acts."""

import os
from pathlib import Path

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from keyboard_person import KeyboardPerson
from zprl.rl.config import Mode
from zprl.training.config import PretrainConfig
from zprl.training.pretrain import pretrain
from zprl_bringup.graph.graphs import evaluate_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.runner.run_graph import run_graph
from zprl_cli import recorded_base
from zprl_cli.bags.base import pretrain_bags
from zprl_cli.bags.demos import Choice, checked
from zprl_cli.progress_bar import ProgressBar
from zprl_core.bags.bag_list import BagState, bags_in

pytestmark = pytest.mark.ros

DOMAIN = 215 + os.getpid() % 15


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two episodes by keyboard that lifted the cube, and one that was discarded."""
    folder = tmp_path_factory.mktemp("hands")
    with KeyboardPerson(DOMAIN, "--bags", "demos", "--note", "by keyboard", "--demos", "2", cwd=folder) as person:
        person.until("arm   HOLD", "you   request the next episode", "demos 0 recorded")
        person.begin()
        person.until("demos 0 recorded, 1 discarded", key="9")
        person.demonstrate()
        person.until("demos 1 recorded")
        person.demonstrate()
        said = person.ended()
    assert "2 demonstrations: demos" in said and "zprl pretrain --bags demos makes a base" in said
    return folder / "demos"


def test_each_episode_is_a_bag_with_its_pauses_left_out(bags: Path) -> None:
    found = list(bags_in(bags))
    assert [(b.state, b.custom["label"]) for b in found] == [(BagState.COMPLETE, "success")] * 2
    numbers = [int(b.custom["episode"]) for b in found]
    assert 1 <= numbers[0] < numbers[1]  # a discarded one counts
    assert {b.custom["note"] for b in found} == {"by keyboard"} and {b.custom["source"] for b in found} == {"person"}
    for episode in checked(found, Choice()):
        assert episode.verdict.problems == () and episode.info is not None
        assert 20 < len(episode.steps) < episode.bag.duration_s * 20
        assert all(step.person for step in episode.steps if step.targets[""].pose.position[2] > 0.1)
        lows, highs = (f([s.targets[""].width for s in episode.steps]) for f in (min, max))
        assert lows < 0.01 and highs > 0.07


def test_a_second_session_goes_on_with_other_scenes(bags: Path) -> None:
    newest = max(int(bag.custom["episode"]) for bag in bags_in(bags))
    with KeyboardPerson(DOMAIN, "--bags", "demos", cwd=bags.parent) as person:
        person.until("demos 2 recorded")
        person.begin()
        assert f"episode {newest + 1} is running" in person.look()
        person.until("discarded", key="9")
        assert "2 demonstrations, 0 of them new: demos" in person.leave()


def test_a_base_of_the_bags_acts(bags: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = PretrainConfig(steps=50)
    monkeypatch.setattr(
        recorded_base, "pretrain", lambda demos, config, _, *rest, **more: pretrain(demos, config, short, *rest, **more)
    )
    with ProgressBar() as bar:
        base = pretrain_bags(bags, Choice(), None, RunOptions(), tmp_path, "hands", bar).base
    options = RunOptions(base=base, max_episodes=1, bags=tmp_path / "played")
    played = run_graph(evaluate_graph(GraphSettings("play", tmp_path / "play", options, mode=Mode.BASE)), tmp_path)
    (episode,) = checked(list(bags_in(tmp_path / "played")), Choice(("success", "timeout")))
    assert played.episodes == 1 and episode.verdict.problems == () and len(episode.steps) >= 20
    assert not any(step.person for step in episode.steps)

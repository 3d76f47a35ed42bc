"""The short version of benchmarks/chaos.py: every node is killed, and nothing is lost."""

from pathlib import Path

import pytest
from mcap.reader import make_reader

from experience import SIZE, message
from fault_injector import FaultInjector, audit
from tiny import TINY, tiny_base
from zprl.checkpoints.checkpoint import load_base
from zprl.checkpoints.learner_checkpoint import load_counters
from zprl.checkpoints.run_folder import RunFolder
from zprl.delivery.journal import Journal
from zprl.delivery.replay_log import ReplayLog, segments
from zprl.delivery.segment import Stored
from zprl.rl.steering import make_steering
from zprl.training.finetune import problem_size
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings

pytestmark = pytest.mark.ros

KILLS = 8


def test_nothing_is_lost_whatever_dies(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    tiny_base(folder.base)
    settings = GraphSettings("run", folder.path, RunOptions(base=folder.base), config=TINY, checkpoint_every_s=1.0)
    base = load_base(folder.base)
    size = problem_size(base, make_steering(base, TINY.steering))
    injector = FaultInjector(finetune_graph(settings), folder, size, seed=3, pause_s=(1.0, 2.0), begin_s=6.0)
    witness = injector.run(KILLS, lambda status: status.env_steps > 500, lambda *_: None)
    found = audit(folder, size, witness)
    assert len(injector.kills) == KILLS and {kill.node for kill in injector.kills} == {
        "policy",
        "learner",
        "sim",
        "episode",
    }
    assert (found.lost, found.duplicated, found.altered) == (0, 0, 0)
    assert found.stored + found.waiting == found.journaled > 50
    assert found.witnessed > 50
    # In lockstep, only a command that was on its way is still followed. The policy may answer a state before the arm
    # has said that it followed the command before: that word comes late, too.
    assert [kill for kill in injector.kills if kill.followed_steps > 2] == []
    assert load_counters(folder.actor).added == found.stored  # and the learner has learned from each of them
    sizes = stored_sizes(folder)
    assert len(sizes) == found.stored
    assert sum(size < max(sizes) for size in sizes) > found.stored / 2  # without the state that the one before it holds


def stored_sizes(folder: RunFolder) -> list[int]:
    """Bytes of each transition as it is in the record's files."""
    sizes = []
    for path in segments(folder.record):
        with path.open("rb") as file:
            sizes += [len(m.data) for _, _, m in make_reader(file).iter_messages(topics=["/replay"])]
    return sizes


def write_run(folder: RunFolder, journaled: int, stored: list[int]) -> None:
    """A journal that gave `journaled` numbers and forgot them, and a record that holds `stored`."""
    journal = Journal(folder.robots / "robot" / "journal.sqlite")
    journal.append([lambda k: message(k, journal=journal.number)] * journaled)
    journal.forget(journaled)
    record = ReplayLog(folder.record)
    record.write([Stored(message(k, journal=journal.number)) for k in stored])
    record.close()
    journal.close()


def test_the_count_can_tell(tmp_path: Path) -> None:
    """An audit that never finds anything would be worth nothing."""
    folder, size = RunFolder(tmp_path / "run"), SIZE
    write_run(folder, journaled=5, stored=[0, 1, 1, 3])
    found = audit(folder, size)
    assert (found.journaled, found.stored, found.lost, found.duplicated) == (5, 4, 2, 1)

"""A learner that dies and comes back is the one that died."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import durable as support
from durable import SOURCE, contents, dies, open_history, play, same
from experience import learner, lived, message
from zprl.checkpoints.learner_checkpoint import load_actor
from zprl.checkpoints.rotation import checkpoints
from zprl.delivery.bag_export import export_bag
from zprl.delivery.durable_learner import DurableLearner
from zprl.delivery.segment import Stored, UpdateMark
from zprl.delivery.sequence_tracker import Source
from zprl.delivery.transition_codec import Key, encode
from zprl.rl.config import LearnerConfig, ProblemSize, SacConfig
from zprl.rl.learner import Learner
from zprl_core.errors import RecordError

VICTIM = """
import sys
from pathlib import Path
from durable import open_history, play
history = open_history(Path(sys.argv[1]))
k = 0
while True:
    play(history, k, k + 3)
    k += 3
    if k % 30 == 0:
        history.save()
    print(k, history.learner.sac.updates, flush=True)
"""


@pytest.mark.parametrize("saved_at", [(), (20,), (20, 60)])
def test_it_comes_back_bit_for_bit(tmp_path: Path, saved_at: tuple[int, ...]) -> None:
    """Also when the replay has gone round: its capacity is 64."""
    whole, first = open_history(tmp_path / "whole"), open_history(tmp_path / "broken")
    play(whole, 0, 111)
    k = 0
    for until in (*saved_at, 111):
        play(first, k, until)
        k = until
        if until in saved_at:
            first.save()
    first.mark()
    assert same(first.learner, whole.learner)
    dies(first)
    second = open_history(tmp_path / "broken")
    assert same(second.learner, whole.learner)
    assert second.actor_version == whole.actor_version and second.statistics.env_steps == whole.statistics.env_steps
    for one in (second, whole):
        play(one, 111, 140)
    assert same(second.learner, whole.learner)


def test_a_learner_killed_anywhere_loses_nothing(tmp_path: Path) -> None:
    here = str(Path(support.__file__).parent)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([here, *sys.path]), "OMP_NUM_THREADS": "1"}
    victim = subprocess.Popen([sys.executable, "-c", VICTIM, str(tmp_path)], stdout=subprocess.PIPE, env=env)
    assert victim.stdout is not None
    lines = [victim.stdout.readline() for _ in range(40)]
    os.kill(victim.pid, signal.SIGKILL)
    lines += victim.stdout.readlines()
    victim.wait()
    said = int([line for line in lines if line.endswith(b"\n")][-1].split()[0])
    again = open_history(tmp_path)
    stored = again.sequences.next(SOURCE)
    assert stored >= said >= 120
    other = learner(capacity=64)
    whole = open_history(tmp_path / "whole", other)
    play(whole, 0, stored)
    columns = zip(contents(again.learner.replay).values(), contents(other.replay).values(), strict=True)
    assert all(np.array_equal(a, b) for a, b in columns)


def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = open_history(tmp_path)
    for k in range(0, 50, 10):
        play(first, k, k + 10)
        first.save()
    assert [path.name for path in checkpoints(tmp_path / "actor")] == ["000005", "000004", "000003"]
    dies(first)
    path = tmp_path / "actor" / "000005" / "critics.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    (tmp_path / "actor" / "000004" / "checkpoint.json").write_text("{")
    second = open_history(tmp_path)
    assert same(second.learner, first.learner)
    assert "000005" in caplog.text and "000004" in caplog.text and "the checkpoint before it" in caplog.text
    assert load_actor(tmp_path / "actor")[2].updates == first.learner.sac.updates  # its actor.safetensors is whole


def test_duplicates_gaps_and_strangers_are_counted_not_stored(tmp_path: Path) -> None:
    durable = open_history(tmp_path)
    intake = durable.offer([message(0), message(0), message(2), message(1, run="other"), message(0, journal=9), b"?"])
    assert intake.new == 1 and intake.gaps == {SOURCE} and durable.sequences.next(SOURCE) == 1
    refused = durable.refused
    assert (refused.duplicates, refused.early, refused.unknown, refused.bad) == (1, 1, 1, 2)
    durable.close()


def test_a_full_disk_acknowledges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    durable = open_history(tmp_path)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RecordError, match="free some disk space"):
        durable.offer([message(0)])
    assert durable.sequences.next(SOURCE) == 0 and durable.learner.replay.added == 0
    monkeypatch.undo()
    assert durable.offer([message(0)]).new == 1
    dies(durable)
    assert open_history(tmp_path).sequences.next(SOURCE) == 1


def test_what_stands_twice_in_a_record_counts_once(tmp_path: Path) -> None:
    durable = open_history(tmp_path)
    durable.offer([message(0), message(1)])
    durable._log.write([Stored(message(1)), Stored(message(0))])  # a disk that failed to take something back
    dies(durable)
    again = open_history(tmp_path)
    assert again.learner.replay.added == 2 and again.sequences.next(SOURCE) == 2


def test_numbers_go_on_above_what_policies_have(tmp_path: Path) -> None:
    """A record that was lost, with robots that still drive with its weights."""
    durable = open_history(tmp_path)
    durable.on_version(70)
    play(durable, 0, 30)
    durable.save()
    assert durable.actor_version == 70 + durable.learner.sac.updates // 4
    dies(durable)
    assert open_history(tmp_path).actor_version == durable.actor_version


def test_a_number_that_cannot_be_is_not_believed(tmp_path: Path) -> None:
    """One hostile status must not raise the numbers of a run for ever."""
    durable = open_history(tmp_path)
    durable.on_version(2**64 - 1)
    assert durable.actor_version == 0 and durable.refused.bad == 1 and "; refused" in durable.refused.reason
    durable.on_version(70)
    assert durable.actor_version == 70
    with pytest.raises(ValueError, match="refused: it starts at"):
        durable.introduce(SOURCE, 2**64 - 1)
    assert durable.offer([message(0)]).new == 1


def test_a_mark_of_updates_that_nobody_did_is_damage(tmp_path: Path) -> None:
    durable = open_history(tmp_path)
    play(durable, 0, 10)
    durable._log.write([UpdateMark(2**60)])
    durable.close()
    with pytest.raises(RecordError, match="updates after 10 transitions: it is damaged"):
        open_history(tmp_path)


WIDE = ProblemSize(embedding_dim=512, latent_dim=16, residual_dim=16, scale=0.5, executed_dim=40)
ROBOTS = (Source("robot_1", 7), Source("robot_2", 8))


def open_wide(folder: Path) -> DurableLearner:
    config = LearnerConfig(SacConfig(critics=2, hidden=8, batch=8), 1.0, 8, capacity=64)
    durable = DurableLearner("run", Learner(WIDE, config), folder / "record", folder / "actor", publish_every=4)
    durable._log.segment_bytes = 60_000
    for robot in ROBOTS:
        durable.introduce(robot, 0)
    return durable


def play_wide(durable: DurableLearner, sent: list[bytes]) -> None:
    for begin in range(0, len(sent), 4):
        assert durable.offer(sent[begin : begin + 4]).new == 4
        durable.learner.update()
    durable.mark()


def test_with_states_held_once_it_comes_back_bit_for_bit(tmp_path: Path) -> None:
    """Two robots at E = 512, several files, a replay that has gone round, a record of earlier versions beside it."""
    made = [lived(96, WIDE, 12, seed) for seed in range(2)]
    sent = [encode(Key("run", *robot, k), made[i][k]) for k in range(96) for i, robot in enumerate(ROBOTS)]
    first = open_wide(tmp_path / "new")
    play_wide(first, sent[:80])
    first.save()
    play_wide(first, sent[80:160])
    dies(first)
    shutil.copytree(tmp_path / "new" / "actor", tmp_path / "old" / "actor")
    export_bag(tmp_path / "new" / "record", tmp_path / "old" / "record")  # complete, as earlier versions wrote it
    new, old = (sum(file.stat().st_size for file in (tmp_path / x / "record").glob("*.mcap")) for x in ("new", "old"))
    assert new / 160 < 3200 and old / 160 > 4600  # files of 60 kB have much in front and at the end
    for name in ("new", "old"):
        again = open_wide(tmp_path / name)
        assert same(again.learner, first.learner)
        play_wide(again, sent[160:])
        again.close()
        last = open_wide(tmp_path / name)
        assert same(last.learner, again.learner) and last.learner.replay.added == 192
        last.close()
    assert first.learner.replay.nbytes < 64 * 2700

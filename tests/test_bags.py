"""Episodes recorded through the real graph: what the bags hold is what the policy saw and the learner stored."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tiny import TINY, tiny_base
from zprl.checkpoints.base_demos import load_demos
from zprl.checkpoints.checkpoint import load_base
from zprl.checkpoints.metadata import read_metadata
from zprl.checkpoints.run_folder import SettingsError
from zprl.delivery import transition_codec
from zprl.delivery.replay_log import read
from zprl.delivery.segment import Stored
from zprl.models.base_policy import BasePolicy
from zprl.rl.steering import make_steering
from zprl.rl.transition import Transition
from zprl.training.config import PretrainConfig
from zprl.training.demos import Demos
from zprl.training.finetune import problem_size
from zprl.training.pretrain import pretrain
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import GraphError
from zprl_bringup.runner.run_graph import run_graph

pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import PoseStamped, TransformStamped
from rclpy.serialization import deserialize_message, serialize_message
from tf2_msgs.msg import TFMessage

from zprl_cli import recorded_base
from zprl_cli.bags.base import pretrain_bags
from zprl_cli.bags.command import Plot
from zprl_cli.bags.demos import Checked, Choice, checked, demos_from_bags
from zprl_cli.bags.record import record_bags
from zprl_cli.datasets.bag_export import export_bags
from zprl_cli.datasets.dataset_format import DatasetFormat
from zprl_cli.datasets.dataset_import import import_dataset
from zprl_cli.datasets.open_dataset import map_dataset
from zprl_cli.progress_bar import ProgressBar
from zprl_core.bags.bag_list import bags_in
from zprl_core.bags.bag_reader import BagMessage, bag_file
from zprl_core.bags.bag_topic import BagQos, BagTopic
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.bags.message_definition import definition, type_hash
from zprl_core.errors import CheckpointError, RecordError
from zprl_core.ros.conversions import ns_from
from zprl_msgs.msg import ArmStatus

pytestmark = pytest.mark.ros

EPISODES = 3
ALL = Choice(labels=("success", "failure", "timeout"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of some episodes in lockstep, with their bags."""
    folder = tmp_path_factory.mktemp("run")
    tiny_base(folder / "base")
    options = RunOptions(base=folder / "base", max_episodes=EPISODES, bags=folder / "bags")
    last = run_graph(finetune_graph(GraphSettings("bags", folder / "run", options, config=TINY)), folder / "run")
    assert last.rejected == 0, last.last_rejection
    return folder


@pytest.fixture(scope="module")
def episodes(run: Path) -> dict[int, Checked]:
    found = list(checked(list(bags_in(run / "bags")), ALL))
    assert [e.verdict.problems for e in found] == [()] * EPISODES
    return {int(e.bag.custom["episode"]): e for e in found}


def transitions(run: Path, base: BasePolicy) -> list[Transition]:
    size = problem_size(base, make_steering(base, TINY.steering))
    entries = (entry.data for entry in read(run / "run" / "record") if isinstance(entry, Stored))
    return [transition_codec.decode(data, size).transition for data in entries]


def test_a_bag_has_every_control_step_as_the_policy_saw_it_and_the_arm_executed_it(
    run: Path, episodes: dict[int, Checked]
) -> None:
    """Each chunk that the learner stored is in the bag of its episode: same observation, same executed actions."""
    base = load_base(run / "base")
    spec, stored = base.config.observation, transitions(run, base)
    assert len(stored) > 30 and {t.episode for t in stored} == set(episodes) == set(range(EPISODES))
    for number, episode in episodes.items():
        steps, chunks = episode.steps, [t for t in stored if t.episode == number]
        assert sum(t.steps for t in chunks) == len(steps) == int(episode.bag.custom["steps"])
        states = torch.tensor(np.stack([spec.state(step.observation) for step in steps]))
        seen = base.encoder(states).numpy()
        actions = np.stack([base.config.action.action(step.targets, step.observation) for step in steps])
        at = 0
        for chunk in sorted(chunks, key=lambda t: t.stamp_ns):
            assert np.abs(seen[at] - chunk.state.e).max() < 1e-6
            executed = chunk.executed.reshape(-1, actions.shape[1])[: chunk.steps]
            assert np.abs(actions[at : at + chunk.steps] - executed).max() < 1e-6
            at += chunk.steps


def test_a_lost_message_costs_one_step(episodes: dict[int, Checked], tmp_path: Path) -> None:
    whole = episodes[1]

    def without_one_pose(message: BagMessage) -> bytes | None:
        """Leaves out the pose of one state, which in lockstep may have been sent again."""
        if message.topic != "/objects/cube/pose":
            return message.data
        stamp_ns = ns_from(deserialize_message(message.data, PoseStamped).header.stamp)
        return None if stamp_ns == whole.steps[10].stamp_ns else message.data

    rewritten(whole, tmp_path / "bags" / "torn", without_one_pose)
    (torn,) = checked(list(bags_in(tmp_path / "bags")), ALL)
    assert len(torn.steps) == len(whole.steps) - 1 and "1 gaps" in torn.verdict.problems[0]


def rewritten(
    whole: Checked,
    folder: Path,
    change: Callable[[BagMessage], bytes | None],
    extra: Sequence[tuple[str, type, bytes, int]] = (),
) -> None:
    """Writes the bag of an episode anew; `change` gets each message, and returns its data, or None to leave it out.

    `extra`: topic, type, data and reception [ns] of messages that come first.
    """
    source, writer = bag_file(whole.bag.path), BagWriter(folder, whole.bag.custom)
    for topic in source.topics().values():
        writer.add_topic(topic)
    for name, kind, data, received_ns in extra:
        said = f"{kind.__module__.split('.')[0]}/msg/{kind.__name__}"
        writer.add_topic(BagTopic(name, said, definition(said), type_hash(said), (BagQos(1),)))
        writer.write(name, data, received_ns, received_ns)
    for message in source.messages():
        data = change(message)
        if data is not None:
            writer.write(message.topic, data, message.received_ns, message.published_ns)
    writer.finish({})


def test_a_pose_in_another_frame_is_transformed_by_the_tf_of_its_bag(
    episodes: dict[int, Checked], tmp_path: Path
) -> None:
    """The cube in the frame of a camera 1 m above the base; without tf no step is complete, and the reason is told."""
    whole = episodes[1]

    def seen_from_above(message: BagMessage) -> bytes:
        if message.topic != "/objects/cube/pose":
            return message.data
        pose = deserialize_message(message.data, PoseStamped)
        pose.header.frame_id, pose.pose.position.z = "camera", pose.pose.position.z - 1.0
        return serialize_message(pose)

    for name, moved in (("bags", True), ("without", False)):
        source = bag_file(whole.bag.path)
        first = next(iter(source.messages())).received_ns
        camera = TransformStamped(child_frame_id="camera")
        camera.header.frame_id, camera.transform.translation.z = "fr3_link0", 1.0
        tf = serialize_message(TFMessage(transforms=[camera]))
        extra = [("/tf_static", TFMessage, tf, first)] if moved else []
        rewritten(whole, tmp_path / name / "moved", seen_from_above, extra)
    (found,) = checked(list(bags_in(tmp_path / "bags")), ALL)
    assert found.verdict.problems == () and len(found.steps) == len(whole.steps)
    for step, before in zip(found.steps, whole.steps, strict=True):
        there, then = (s.observation.objects["cube"].position for s in (step, before))
        assert there == pytest.approx(then, abs=1e-9)
    (found,) = checked(list(bags_in(tmp_path / "without")), ALL)
    assert "cube: a pose on objects/cube/pose is in frame 'camera'" in found.verdict.problems[0]


def test_bags_are_drawn(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Plot(run / "bags", tmp_path / "plots", ALL.labels).main()
    assert capsys.readouterr().out == f"{EPISODES} episodes: {tmp_path / 'plots'}\n"
    bags = {bag.path.name for bag in bags_in(run / "bags")}
    assert {path.stem for path in (tmp_path / "plots").iterdir()} == bags | {"paths"}


def test_bags_make_a_base(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = PretrainConfig(steps=20)
    monkeypatch.setattr(
        recorded_base, "pretrain", lambda demos, config, _, *rest, **more: pretrain(demos, config, short, *rest, **more)
    )

    def made(name: str | None, choice: Choice) -> Path:
        with ProgressBar() as bar:
            return pretrain_bags(run / "bags", choice, None, RunOptions(), tmp_path, name, bar).base

    base = load_base(made(None, ALL))
    assert read_metadata(tmp_path / "lift-seed0" / "base")["pace"] == "ideal"
    assert base.config.observation == load_base(run / "base").config.observation
    assert made(None, ALL) == tmp_path / "lift-seed0" / "base"  # the same again
    with pytest.raises(RecordError, match="has no complete bag with the label discarded; zprl bags ls"):
        made(None, Choice(labels=("discarded",)))


def test_what_a_human_corrected_is_added_to_the_demonstrations_of_a_run(
    run: Path, episodes: dict[int, Checked], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An episode of the policy, from the 20th state on by a human, and one in which no human moved the arm."""
    short = PretrainConfig(steps=20)
    monkeypatch.setattr(
        recorded_base, "pretrain", lambda demos, config, _, *rest, **more: pretrain(demos, config, short, *rest, **more)
    )
    both, whole = tmp_path / "bags", episodes[1]
    both.mkdir()
    (both / "policy").symlink_to(episodes[0].bag.path)

    def by_hand(message: BagMessage) -> bytes:
        if message.topic != "/arm/status":
            return message.data
        status = deserialize_message(message.data, ArmStatus)
        status.person = ns_from(status.header.stamp) > whole.steps[20].stamp_ns  # of the step from this state on
        return serialize_message(status)

    rewritten(whole, both / "corrected", by_hand)
    corrected = replace(ALL, corrections=True)
    demos, left = demos_from_bags(both, corrected, tmp_path / "videos")
    (last,) = demos.episode_ends.tolist()
    assert last == len(whole.steps) - 20
    spec = demos.observation
    assert np.array_equal(demos.observations, [spec.state(step.observation) for step in whole.steps[-last:]])
    assert [x.verdict.problems for x in left] == [("no human moved an arm in it",)]
    with ProgressBar() as bar:
        first = pretrain_bags(run / "bags", ALL, None, RunOptions(), tmp_path, "first", bar)
        second = pretrain_bags(both, corrected, None, RunOptions(), tmp_path, "second", bar, source=first)
        with pytest.raises(ValueError, match=r"first is the run that --from names; give another --name"):
            pretrain_bags(both, corrected, None, RunOptions(), tmp_path, "first", bar, source=first)
        with pytest.raises(SettingsError, match="made with other settings"):  # without the demonstrations before
            pretrain_bags(both, corrected, None, RunOptions(), tmp_path, "second", bar)
    before, after = Demos.load(first.demos), Demos.load(second.demos)
    assert after.episode_ends.tolist() == [last, *(last + before.episode_ends)]  # the earlier ones may be held out
    assert np.array_equal(after.observations, np.concatenate([demos.observations, before.observations]))
    with pytest.raises(CheckpointError, match="if all are successes"):  # a policy of chance times out
        load_demos(second.base)


def test_bags_of_another_task_are_no_addition(run: Path, tmp_path: Path) -> None:
    demos, _ = demos_from_bags(run / "bags", ALL, tmp_path / "videos")
    with pytest.raises(RecordError, match="the bags are of task lift, the demonstrations before them of push"):
        demos_from_bags(run / "bags", ALL, tmp_path / "videos", before=replace(demos, task="push"))


@pytest.mark.parametrize("to", DatasetFormat)
def test_bags_go_to_other_tools_and_come_back(run: Path, tmp_path: Path, to: DatasetFormat) -> None:
    """An import of an export has the demonstrations that the bags make themselves."""
    bags = list(bags_in(run / "bags"))
    exported = export_bags(bags, ALL, tmp_path / "export", to)
    assert exported.episodes == EPISODES and not exported.left
    imported = import_dataset(map_dataset(tmp_path / "export", None), tmp_path / "demos")
    assert (imported.episodes, imported.steps) == (EPISODES, exported.steps)
    direct, _ = demos_from_bags(run / "bags", ALL, tmp_path / "videos")
    found = Demos.load(tmp_path / "demos")
    assert np.abs(found.observations - direct.observations).max() < 1e-6
    assert np.abs(found.actions - direct.actions).max() < 1e-5
    assert (found.task, found.observation, found.action) == (direct.task, direct.observation, direct.action)
    with pytest.raises(RecordError, match=r"no episode of these bags can be used; .*: its label is"):
        export_bags(bags, Choice(labels=("discarded",)), tmp_path / "none", to)
    with pytest.raises(RecordError, match="export exists; give another --out, or remove it"):
        export_bags(bags, ALL, tmp_path / "export", to)
    assert {path.name for path in tmp_path.iterdir()} == {"export", "demos"}  # nothing half done


def test_unusable_bags_are_left_out_with_the_reason(run: Path, tmp_path: Path) -> None:
    first = next(bags_in(run / "bags"))
    only, label = tmp_path / "bags", first.custom["label"]
    only.mkdir()
    (only / first.path.name).symlink_to(first.path)
    with pytest.raises(RecordError, match=f"no episode .* can be used; {first.path.name}: its label is {label}"):
        demos_from_bags(only, Choice(labels=("discarded",)), tmp_path / "videos")
    with pytest.raises(RecordError, match="its task is lift"):
        demos_from_bags(only, replace(ALL, task="push"), tmp_path / "videos")
    demos, left = demos_from_bags(only, ALL, tmp_path / "videos")
    assert len(demos.episode_ends) == 1 and not left and demos.task == "lift"
    assert np.abs(demos.actions).max() <= 1.0


def test_the_expert_records_demonstrations_through_the_graph(tmp_path: Path) -> None:
    """At full speed every episode is whole, and the second call finds enough of them."""
    with ProgressBar() as bar:
        kept = record_bags(RunOptions(demos=4), "sim", tmp_path / "bags", tmp_path / "logs", bar)
        assert kept >= 4
        assert record_bags(RunOptions(demos=4), "sim", tmp_path / "bags", tmp_path / "logs", bar) == kept
    demos, left = demos_from_bags(tmp_path / "bags", Choice(), tmp_path / "videos")
    assert (len(demos.episode_ends), demos.task) == (kept, "lift"), left
    assert all(found.bag.custom.get("label") in (None, "timeout") for found in left)  # None: cut short by the end


def test_what_cannot_be_recorded_is_refused(tmp_path: Path) -> None:
    with ProgressBar() as bar:
        with pytest.raises(ValueError, match="--ros records a task of zprl; remove --env"):
            record_bags(RunOptions(env="a:B-v0", expert="a:b"), "sim", tmp_path, tmp_path, bar)
        with pytest.raises(GraphError, match="robot franky is not simulated"):
            record_bags(RunOptions(), "franky", tmp_path, tmp_path, bar)

"""Episodes whose images were compressed: a bag of PNG is what the policy saw, one of JPEG or video is close to it."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from can_render import needs_renderer
from tiny import TINY, tiny_seeing_base
from zprl.checkpoints.checkpoint import load_base
from zprl.delivery import transition_codec
from zprl.delivery.replay_log import read
from zprl.delivery.segment import Stored
from zprl.models.observation_batch import batch_of
from zprl.rl.steering import make_steering
from zprl.training.finetune import problem_size
from zprl.training.video import Codec
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.runner.run_graph import run_graph

pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from zprl_cli.bags.command import Plot
from zprl_cli.bags.demos import Checked, Choice, checked, demos_from_bags
from zprl_cli.bags.record import record_bags
from zprl_cli.progress_bar import ProgressBar
from zprl_core.bags.bag_images import BagImages
from zprl_core.bags.bag_list import bags_in
from zprl_core.bags.bag_reader import bag_file
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.obs import Obs
from zprl_episodes.ros.image_packer import COMPRESSED, ImagePacker
from zprl_sim.tasks.catalog import task_named

pytestmark = [pytest.mark.ros, needs_renderer]

ALL = Choice(labels=("success", "failure", "timeout"))
CAMERAS = ("front", "wrist")


def recorded(tmp_path_factory: pytest.TempPathFactory, images: BagImages) -> Path:
    """A run of one short episode in lockstep, whose base sees, with its bag."""
    folder = tmp_path_factory.mktemp(images.value)
    tiny_seeing_base(folder / "base", folder / "demos")
    options = RunOptions(
        base=folder / "base", max_episodes=1, time_limit_s=2.0, bags=folder / "bags", bag_images=images
    )
    run_graph(finetune_graph(GraphSettings("bags", folder / "run", options, config=TINY)), folder / "run")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory, BagImages.PNG)


def episode(bags: Path) -> Checked:
    (found,) = checked(list(bags_in(bags)), ALL)
    assert found.verdict.problems == ()
    return found


def rewritten(source: Path, target: Path, images: BagImages) -> Path:
    """Pack the images of a bag that has them as they were published."""
    (bag,) = bags_in(source)
    file, packer = bag_file(bag.path), ImagePacker(images, 90)
    writer, topics = BagWriter(target / bag.path.name, {**bag.custom, "images": images.value}), file.topics()
    for message in file.messages():
        topic, data = packer.pack(topics[message.topic], message.data)
        writer.add_topic(topic)
        writer.write(topic.name, data, message.received_ns, message.published_ns)
    writer.finish({})
    return target


def test_a_bag_of_png_is_what_the_policy_saw(run: Path) -> None:
    """By the embedding that the learner stored: that of the next state is farther away by an order of magnitude.

    The policy node computed it with another library, and the record rounds some of it.
    """
    found, base = episode(run / "bags"), load_base(run / "base")
    size = problem_size(base, make_steering(base, TINY.steering))
    entries = [entry.data for entry in read(run / "run" / "record") if isinstance(entry, Stored)]
    chunks = sorted((transition_codec.decode(data, size).transition for data in entries), key=lambda t: t.stamp_ns)
    topics = bag_file(found.bag.path).topics()
    names = [f"/camera/{camera}/color/image_raw" for camera in CAMERAS]
    assert not set(names) & set(topics)
    assert {topics[f"{name}/compressed"].type for name in names} == {COMPRESSED}
    assert len(chunks) > 3 and sum(chunk.steps for chunk in chunks) == len(found.steps)
    at = 0
    for chunk in chunks:
        with torch.no_grad():
            seen, after = (
                base.embed(batch_of(base.config.observation, [found.steps[k].observation])).e.numpy()
                for k in (at, at + 1)
            )
        assert np.abs(seen - chunk.state.e).max() < 0.03 and np.abs(after - chunk.state.e).max() > 0.3
        at += chunk.steps


def test_compressed_bags_become_demonstrations_and_pictures(run: Path, tmp_path: Path) -> None:
    demos, left = demos_from_bags(run / "bags", ALL, tmp_path / "videos", Codec.FFV1)
    assert not left and [stream.name for stream in demos.observation.images] == list(CAMERAS)
    steps = episode(run / "bags").steps
    for camera in CAMERAS:
        assert np.array_equal(demos.images[camera], [step.observation.samples[camera] for step in steps])
    Plot(run / "bags", tmp_path / "plots", ALL.labels).main()
    assert len(list((tmp_path / "plots").iterdir())) == 2


def test_each_form_gives_the_same_steps_and_png_the_same_pixels(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    raw = recorded(tmp_path_factory, BagImages.RAW) / "bags"
    live = episode(raw).steps
    for form in (BagImages.PNG, BagImages.JPEG, BagImages.H264):
        steps = episode(rewritten(raw, tmp_path / form.value, form)).steps
        assert len(steps) == len(live) > 20
        for before, after in zip(live, steps, strict=True):
            assert replace(after, observation=before.observation) == before
            for name in CAMERAS:
                one, other = (np.asarray(step.observation.samples[name], float) for step in (before, after))
                error = np.sqrt(np.mean((one - other) ** 2))
                assert error == 0.0 if form == BagImages.PNG else 0.0 < error < 6.0
    sizes = [
        sum(bag.size for bag in bags_in(path)) for path in (raw, *(tmp_path / form for form in ("png", "jpeg", "h264")))
    ]
    assert sizes == sorted(sizes, reverse=True)


def test_the_expert_demonstrates_with_images(tmp_path: Path) -> None:
    """Every state has an image of each camera, and the bags have no object."""
    options = RunOptions(obs=Obs.IMAGES, demos=2)
    with ProgressBar() as bar:
        assert record_bags(options, "sim", tmp_path / "bags", tmp_path / "logs", bar, BagImages.H264) >= 2
    demos, left = demos_from_bags(tmp_path / "bags", Choice(), tmp_path / "videos", Codec.FFV1)
    assert demos.observation == task_named("lift").observed(Obs.IMAGES) and len(demos.episode_ends) >= 2
    assert all("label" in found.verdict.problems[0] for found in left)  # of the episode in which the graph ended
    assert all(np.ptp(images) > 50 for images in demos.images.values())


def test_a_damaged_image_costs_its_step(run: Path, tmp_path: Path) -> None:
    """Of a file without its end nothing is left, and the reader says in which step the image was missing."""
    whole = episode(run / "bags")
    source = bag_file(whole.bag.path)
    writer, images = BagWriter(tmp_path / "bags" / "torn", whole.bag.custom), 0
    for topic in source.topics().values():
        writer.add_topic(topic)
    for message in source.messages():
        data = message.data
        if "front" in message.topic and message.topic.endswith("/compressed"):
            images += 1
            data = data.replace(b"IDAT", b"IDUT") if images == 10 else data
        writer.write(message.topic, data, message.received_ns, message.published_ns)
    writer.finish({})
    (torn,) = checked(list(bags_in(tmp_path / "bags")), ALL)
    assert images > 20 and len(torn.steps) == len(whole.steps) - 1 and "1 gaps" in " ".join(torn.verdict.problems)
    shutil.rmtree(tmp_path / "bags")

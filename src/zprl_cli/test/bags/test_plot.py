"""Pictures of an episode whose numbers are known, with two arms and a camera."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from zprl_cli.bags.check import Verdict
from zprl_cli.bags.demos import Checked
from zprl_cli.bags.plot import Track, plot_episode, plot_tracks, track_of
from zprl_core.action import ArmTarget
from zprl_core.action_spec import PLANAR
from zprl_core.bags.bag_list import summary_of
from zprl_core.bags.bag_step import BagStep
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.errors import RecordError
from zprl_core.observation import Observation, Pose
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec

SPEC = ObservationSpec((
    StreamSpec("tool", "arm/current_pose", StreamKind.POSE, tool=True),
    StreamSpec("front", "camera/front/color/image_raw", StreamKind.IMAGE, shape=(32, 32, 3)),
))  # fmt: skip
RED = np.full((32, 32, 3), (250, 0, 0), np.uint8)


@pytest.fixture
def episode(tmp_path: Path) -> Checked:
    writer = BagWriter(tmp_path / "bag", {"task": "lift"})
    writer.add_topic(BagTopic("/arm/current_pose", "a/msg/State", "int32 x\n"))
    for k in range(10):
        writer.write("/arm/current_pose", b"1234", 50_000_000 * k, 50_000_000 * k)
    writer.finish({"label": "success"})
    info = EpisodeInfo("lift", "success", 0, 10**9, 0, 20, True, SPEC, PLANAR)
    steps = []
    for k in (0, 1, 2, 6, 7):  # a pause in the middle
        tool = Pose((0.4 + 0.01 * k, 0.0, 0.2))
        seen = Observation(50_000_000 * k, {"tool": tool, "front": RED})
        steps.append(BagStep(k, seen.stamp_ns, seen, {"": ArmTarget(tool, 0.08)}, clipped=k == 2, person=True))
    return Checked(summary_of(tmp_path / "bag"), Verdict((), len(steps)), info, tuple(steps))


def test_an_episode_is_drawn_with_its_images(episode: Checked, tmp_path: Path) -> None:
    plot_episode(episode, tmp_path / "one.png")
    pixels = np.asarray(Image.open(tmp_path / "one.png").convert("RGB")).astype(int)
    red = (pixels[..., 0] > 230) & (pixels[..., 1] < 30) & (pixels[..., 2] < 30)
    assert pixels.shape[1] > 800 and red.sum() > 5000  # the contact sheet


def test_the_overview_has_every_path(episode: Checked, tmp_path: Path) -> None:
    track = track_of(episode)
    assert (track.label, track.steps) == ("success", 5)
    assert track.paths[0][:, 0] == pytest.approx([0.4, 0.41, 0.42, 0.46, 0.47])
    plot_tracks([track, Track("failure", 9, ())], tmp_path / "paths.png")
    assert (tmp_path / "paths.png").stat().st_size > 10_000


def test_a_bag_without_steps_says_why_it_cannot_be_drawn(episode: Checked, tmp_path: Path) -> None:
    empty = Checked(episode.bag, Verdict(("its label is timeout",), 0))
    with pytest.raises(RecordError, match="no control step to draw: its label is timeout"):
        plot_episode(empty, tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()

"""Demonstrations with images on disk: a video for each camera, and a cache that training reads."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from zprl.training.demo_images import DemoImages
from zprl.training.demos import Demos
from zprl.training.video import Codec, VideoWriter
from zprl_core.action_spec import PLANAR
from zprl_core.errors import CheckpointError
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, camera_observation, depth_stream
from zprl_core.streams.camera_model import CameraModel

SHAPE = (16, 24, 3)
SPEC = ObservationSpec((
    *camera_observation(()).streams,
    *(StreamSpec(name, name, StreamKind.IMAGE, SHAPE) for name in ("front", "left/wrist")),
))  # fmt: skip


def demos(n: int = 7, seed: int = 0) -> Demos:
    rng = np.random.default_rng(seed)
    images = {s.name: rng.integers(0, 255, (n, *SHAPE), np.uint8) for s in SPEC.images}
    states, actions = rng.normal(size=(n, 6)).astype(np.float32), rng.uniform(-1, 1, (n, 5)).astype(np.float32)
    return Demos(states, actions, np.array([3, n]), "lift", 4, SPEC, PLANAR, images)


def saved(folder: Path, codec: Codec = Codec.FFV1) -> Path:
    demos().save(folder, codec)
    return folder


def test_lossless_images_are_loaded_as_they_were_saved(tmp_path: Path) -> None:
    loaded = Demos.load(saved(tmp_path / "demos"))
    assert list(loaded.images) == ["front", "left/wrist"]
    for name, images in demos().images.items():
        assert isinstance(loaded.images[name], np.memmap) and np.array_equal(loaded.images[name], images)
    assert {path.name for path in (tmp_path / "demos").glob("*.mkv")} == {"front.mkv", "left.wrist.mkv"}


def test_depth_is_lossless_beside_lossy_color(tmp_path: Path) -> None:
    """A lossy video would turn no measurement into a near distance."""
    spec = ObservationSpec((*SPEC.streams, depth_stream("front", 0.2, 1.0, (16, 24))))
    plain, rng = demos(), np.random.default_rng(0)
    depth = rng.choice(np.array([0, 1, 128, 255], np.uint8), (7, 16, 24, 1))
    seen = replace(plain, observation=spec, images={**plain.images, "front_depth": depth})
    seen.save(tmp_path, Codec.H264)
    loaded = Demos.load(tmp_path).images
    assert np.array_equal(loaded["front_depth"], depth) and not np.array_equal(loaded["front"], plain.images["front"])


def test_a_copy_keeps_videos_and_fingerprint(tmp_path: Path) -> None:
    """A lossy video that was encoded again would be another one."""
    loaded = Demos.load(saved(tmp_path / "demos", Codec.H264))
    loaded.save(tmp_path / "copy")
    copy = Demos.load(tmp_path / "copy")
    assert copy.fingerprint == loaded.fingerprint != Demos.load(saved(tmp_path / "other")).fingerprint
    assert np.array_equal(copy.images["front"], loaded.images["front"])
    loaded.save(tmp_path / "demos")
    assert Demos.load(tmp_path / "demos").fingerprint == loaded.fingerprint


def test_a_cache_is_used_again_and_made_again_when_it_is_stale(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    Demos.load(folder)
    (cache,) = folder.glob("front-*.raw")
    pixels, made = cache.read_bytes(), cache.stat().st_mtime_ns
    Demos.load(folder)
    assert cache.stat().st_mtime_ns == made
    cache.write_bytes(pixels[:-1])  # truncated
    assert np.array_equal(Demos.load(folder).images["front"], demos().images["front"])
    cache.unlink()
    assert np.array_equal(Demos.load(folder).images["front"], demos().images["front"])
    old = cache.rename(folder / f"front-{'0' * 16}.raw")  # of another video
    Demos.load(folder)
    assert cache.exists() and not old.exists() and sorted(folder.glob(".*")) == []


def test_a_damaged_video_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path) / "front.mkv"
    content = path.read_bytes()
    path.write_bytes(content[:-50])
    with pytest.raises(CheckpointError, match=r"front.mkv is damaged \(its checksum is wrong\); restore it, or delete"):
        Demos.load(tmp_path)
    path.unlink()
    with pytest.raises(CheckpointError, match=r"front.mkv cannot be read .*No such file.*restore it, or delete"):
        Demos.load(tmp_path)


@pytest.mark.parametrize(
    ("frames", "shape", "message"),
    [
        (6, SHAPE, "it has 6 frames, the demonstrations have 7 control steps"),
        (8, SHAPE, "it has 8 frames, the demonstrations have 7 control steps"),
        (7, (16, 16, 3), "it has frames of 16 x 16, not 24 x 16"),
    ],
)
def test_a_video_of_another_number_or_size_of_frames_is_refused(
    tmp_path: Path, frames: int, shape: tuple[int, int, int], message: str
) -> None:
    video = VideoWriter(DemoImages.path(saved(tmp_path), "front"), shape, 20.0)
    video.write(np.zeros((frames, *shape), np.uint8))
    video.close()
    with pytest.raises(CheckpointError, match=f"front.mkv cannot be used: {message}; restore it, or delete"):
        DemoImages.load(tmp_path, SPEC, 7)
    assert not list(tmp_path.glob("front-*.raw")) and not list(tmp_path.glob(".front*"))


def test_a_truncated_video_with_the_right_checksum_is_refused(tmp_path: Path) -> None:
    path = DemoImages.path(saved(tmp_path), "front")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CheckpointError, match="cannot be used: "):
        DemoImages.load(tmp_path, SPEC, 7)


def test_images_are_those_of_the_observation() -> None:
    whole = demos()
    values = {"observations": whole.observations, "actions": whole.actions, "episode_ends": whole.episode_ends}
    short = {"front": whole.images["front"][:-1], "left/wrist": whole.images["left/wrist"]}
    for images in ({}, {"front": whole.images["front"]}, short):
        with pytest.raises(ValueError, match="need the images"):
            Demos(**values, task="lift", seed=0, observation=SPEC, images=images)


@pytest.mark.parametrize("videos", [None, 3, ["front"], {"front": 3}], ids=str)
def test_damaged_checksums_are_refused(tmp_path: Path, videos: object) -> None:
    path = saved(tmp_path) / "demos.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "videos": videos}))
    with pytest.raises(CheckpointError, match="damaged"):
        Demos.load(tmp_path)


def test_known_cameras_are_kept_and_do_not_change_the_fingerprint(tmp_path: Path) -> None:
    plain, camera = demos(), CameraModel((16, 24), (20.0, 20.0), (11.5, 7.5), "base", (0.1, 0.2, 0.3), (3.0, 0.0, 0.0))
    known = replace(plain, cameras={"front": camera})
    assert known.fingerprint == plain.fingerprint
    known.save(tmp_path)
    assert Demos.load(tmp_path).cameras == {"front": camera}
    plain.save(tmp_path)
    assert "cameras" not in json.loads((tmp_path / "demos.json").read_text()) and not Demos.load(tmp_path).cameras


@pytest.mark.parametrize(
    "cameras", [{"top": CameraModel((16, 24), (1, 1), (0, 0))}, {"front": CameraModel((9, 9), (1, 1), (0, 0))}]
)
def test_a_camera_of_no_stream_or_another_size_is_refused(cameras: dict) -> None:
    with pytest.raises(ValueError, match="describe each camera with the size of its stream's images"):
        replace(demos(), cameras=cameras)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"front": 3},
        {"front": {"size": [16, 24]}},
        {"front": {"size": [16, 24], "focal": [1e400, 1], "center": [0, 0]}},
    ],
)
def test_damaged_cameras_are_refused(tmp_path: Path, value: object) -> None:
    path = saved(tmp_path) / "demos.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"cameras": value}))
    with pytest.raises(CheckpointError, match="are damaged"):
        Demos.load(tmp_path)

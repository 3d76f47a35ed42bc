"""Images in bags that rosbags wrote: as they are, compressed, and as video, also with frames that are missing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from rosbags.typesys import get_types_from_msg

from foreign_bag import STORE, TF, USUAL, T, drafted, episode, header, record, transform
from zprl_cli.bags.demos import Choice, demos_from_bags
from zprl_core.bags.bag_mapping import load_mapping
from zprl_core.bags.compressed_video import VIDEO, video_definition
from zprl_core.bags.h264 import H264Encoder

IMAGE, PACKED = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"
ARM = {name: given for name, given in USUAL.items() if name != "/vision/cube"}
STORE.register(get_types_from_msg(video_definition(), VIDEO))


def image(at_s: float) -> Any:
    data = np.random.default_rng(round(at_s * 1e6)).integers(0, 255, 24 * 32 * 3, dtype=np.uint8)
    return T[IMAGE](header(at_s, "camera"), 24, 32, "rgb8", 0, 96, data)


def packed(at_s: float) -> Any:
    """The same image as PNG."""
    pixels = image(at_s).data.reshape(24, 32, 3)
    data = cv2.imencode(".png", pixels[:, :, ::-1])[1]
    return T[PACKED](header(at_s, "camera"), "rgb8; png compressed bgr8", data)


def test_bags_of_images_keep_their_size_and_make_demonstrations(tmp_path: Path) -> None:
    cameras = {f"/cam_{name}/image": (IMAGE, 30, image) for name in ("front", "wrist")}
    record(tmp_path / "bags" / "a", {**ARM, **cameras})
    assert "front: /cam_front/image" in drafted(tmp_path, "images")
    chosen = Choice(mapping=load_mapping(tmp_path / "draft.yaml"))
    demos, left = demos_from_bags(tmp_path / "bags", chosen, tmp_path / "videos")
    assert left == [] and [stream.shape for stream in demos.observation.images] == [(24, 32, 3)] * 2
    assert len(demos.actions) > 30


def test_compressed_images_are_the_same_demonstrations(tmp_path: Path) -> None:
    steps = {}
    for form, (kind, make) in {"raw": (IMAGE, image), "png": (PACKED, packed)}.items():
        name = "image" if form == "raw" else "image/compressed"
        cameras = {f"/cam_{camera}/{name}": (kind, 30, make) for camera in ("front", "wrist")}
        folder = tmp_path / form
        record(folder / "bags" / "a", {**ARM, **cameras})
        assert f"  front: /cam_front/{name}    # or /cam_wrist/{name}\n" in drafted(folder, "images")
        steps[form] = episode(folder / "bags", folder / "draft.yaml").steps
    assert len(steps["png"]) == len(steps["raw"]) > 30
    for one, other in zip(steps["raw"], steps["png"], strict=True):
        assert one.stamp_ns == other.stamp_ns
        for name in ("front", "wrist"):
            assert np.array_equal(
                np.asarray(one.observation.samples[name]), np.asarray(other.observation.samples[name])
            )


def test_a_damaged_first_image_is_named(tmp_path: Path) -> None:
    def torn(at_s: float) -> Any:
        return T[PACKED](header(at_s, "camera"), "jpeg", np.zeros(40, np.uint8))

    cameras = {f"/cam_{camera}/jpeg": (PACKED, 30, torn) for camera in ("front", "wrist")}
    record(tmp_path / "bags" / "a", {**ARM, **cameras})
    drafted(tmp_path, "images")
    (problem,) = episode(tmp_path / "bags", tmp_path / "draft.yaml").verdict.problems
    assert "no image on /cam_front/jpeg" in problem and "neither PNG nor JPEG" in problem


def video(keyframes_only: bool = False) -> Callable[[float], Any]:
    """Makes the frames of a smooth video, in which every color moves."""
    encoder = H264Encoder(32, 24)

    def frame(at_s: float) -> Any:
        y, x = np.mgrid[0:24, 0:32]
        pixels = np.stack(
            [128 + 100 * np.sin(x / 5 + 4 * at_s), 128 + 100 * np.cos(y / 4 - 3 * at_s), 6 * x + at_s], -1
        )
        given = (encoder if not keyframes_only else H264Encoder(32, 24)).encode(pixels.astype(np.uint8))
        stamp = header(at_s, "camera")
        return T[VIDEO](stamp.stamp, stamp.frame_id, np.frombuffer(given, np.uint8), "h264")

    return frame


def videos(front: Callable[[float], Any]) -> dict[str, tuple[str, float, Any]]:
    return {**ARM, "/cam_front/video": (VIDEO, 30, front), "/cam_wrist/video": (VIDEO, 30, video())}


def test_videos_are_demonstrations(tmp_path: Path) -> None:
    """A video of keyframes alone has the same images, but for what its encoder rounds."""
    record(tmp_path / "bags" / "a", videos(video()))
    assert "  front: /cam_front/video    # or /cam_wrist/video\n" in drafted(tmp_path, "images")
    found = episode(tmp_path / "bags", tmp_path / "draft.yaml")
    record(tmp_path / "keys" / "a", videos(video(keyframes_only=True)))
    keys = episode(tmp_path / "keys", tmp_path / "draft.yaml")
    assert found.verdict.problems == keys.verdict.problems == () and len(found.steps) == len(keys.steps) > 30
    for one, other in zip(found.steps, keys.steps, strict=True):
        pixels, same = (np.asarray(step.observation.samples["front"], float) for step in (one, other))
        assert one.stamp_ns == other.stamp_ns and pixels.shape == (24, 32, 3)
        assert np.abs(pixels - same).mean() < 6.0


def test_a_missing_frame_of_a_video_is_a_gap_up_to_the_next_keyframe(tmp_path: Path) -> None:
    """The encoder saw the frame; transport lost it."""
    make = video()

    def encoded(at_s: float) -> Any:
        return frames.setdefault(at_s, make(at_s))

    frames: dict[float, Any] = {}
    for k in range(61):
        encoded(k / 30)
    record(tmp_path / "bags" / "a", videos(encoded), hole=(0.49, 0.51), of="/cam_front/video")
    drafted(tmp_path, "images")
    missing, gap = episode(tmp_path / "bags", tmp_path / "draft.yaml").verdict.problems
    assert "control steps are missing" in missing and gap.startswith("1 gaps, the longest of 0.")
    assert 0.2 < float(gap.split()[-2]) < 0.6  # one keyframe a second, and the last sample is fresh for 0.2 s


def test_a_video_that_begins_before_its_first_keyframe_is_used_from_there_on(tmp_path: Path) -> None:
    make = video()
    make(0.0)  # somebody else has it
    record(tmp_path / "bags" / "a", videos(make))
    drafted(tmp_path, "images")
    found = episode(tmp_path / "bags", tmp_path / "draft.yaml")
    assert found.verdict.problems == () and 15 < len(found.steps) < 25


def test_a_base_knows_the_cameras_of_the_bag(tmp_path: Path) -> None:
    """The mount is in the mapping's frame, which the spec calls otherwise."""
    info, roi = "sensor_msgs/msg/CameraInfo", T["sensor_msgs/msg/RegionOfInterest"](0, 0, 0, 0, False)
    k = np.array([60.0, 0.0, 15.5, 0.0, 60.0, 11.5, 0.0, 0.0, 1.0])

    def lens(at_s: float) -> Any:
        d, r, p = np.array([0.1, 0.0, 0.0, 0.0, 0.0]), np.eye(3).ravel(), np.zeros(12)
        return T[info](header(at_s, "front_optical"), 24, 32, "plumb_bob", d, k, r, p, 0, 0, roi)

    mount = transform("panda_link0", "front_optical", (0.4, 0.0, 0.8), (1.0, 0.0, 0.0, 0.0))
    topics = {**videos(video()), "/cam_front/camera_info": (info, 10, lens), "/tf_static": (TF, 0.1, lambda _: mount)}
    record(tmp_path / "bags" / "a", topics)
    drafted(tmp_path, "images")
    chosen = Choice(mapping=load_mapping(tmp_path / "draft.yaml"))
    demos, _ = demos_from_bags(tmp_path / "bags", chosen, tmp_path / "videos")
    assert set(demos.cameras) == {"front"}
    front = demos.cameras["front"]
    assert (front.size, front.focal, front.frame, front.position) == (
        (24, 32),
        (60.0, 60.0),
        "fr3_link0",
        (0.4, 0.0, 0.8),
    )
    assert front.distortion == (0.1, 0.0, 0.0, 0.0, 0.0)

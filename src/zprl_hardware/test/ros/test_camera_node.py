"""The camera node from outside: topics, frames, transforms, diagnostics, exit codes, unplug and return."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("tf2_msgs", reason="the workspace is not built: make build")

from diagnostic_msgs.msg import DiagnosticArray  # noqa: E402
from sensor_msgs.msg import CameraInfo, CompressedImage, Image  # noqa: E402
from tf2_msgs.msg import TFMessage  # noqa: E402

import fake_camera  # noqa: E402
from listener import Listener, start_node, stop_node  # noqa: E402
from zprl_core.ros.conversions import ns_from  # noqa: E402
from zprl_core.ros.qos import LATCHED  # noqa: E402
from zprl_hardware.cameras.calibration_file import Calibration, Mount, save  # noqa: E402
from zprl_hardware.cameras.camera import Intrinsics  # noqa: E402

pytestmark = pytest.mark.ros

REASON = "pyrealsense2 has no wheel here, or libusb-1.0-0 is missing"
FILM_DOMAIN = 40 + os.getpid() % 15  # one camera each
OTHER_DOMAIN = FILM_DOMAIN + 15
NODE = "from zprl_hardware.ros.camera_node import main; main()"
# The real node and source over a software device; SIGUSR1 pulls the cable and plugs it in again.
SOFTWARE = """
import signal, sys, threading, time
import numpy as np
from fake_camera import software_camera
from zprl_core.ros.managed_node import run_threaded
from zprl_hardware.cameras.camera import CameraLost
from zprl_hardware.ros.camera_node import CameraNode
from zprl_hardware.cameras.realsense import RealSense
cameras = [software_camera()]
def toggle(*_):
    if cameras: cameras.clear()
    else: cameras.append(software_camera())
signal.signal(signal.SIGUSR1, toggle)
def find(serial):
    assert serial == "123", serial
    if not cameras: raise CameraLost("no RealSense with serial 123")
    return cameras[0].device
def film():
    n, depth = 0, np.full((48, 64), 1000, np.uint16)
    while True:
        time.sleep(1 / 30)
        n += 1
        for camera in list(cameras):
            camera.inject(np.full((48, 64, 3), (n % 250, 2, 3), np.uint8), depth, time.time())
threading.Thread(target=film, daemon=True).start()
run_threaded(lambda: CameraNode(lambda settings: RealSense(settings, find)))
"""
ALIGNED_GROUP = "aligned_depth_to_color"
COLOR, DEPTH = "camera/front/color/image_raw", "camera/front/depth/image_rect_raw"
ALIGNED = f"camera/front/{ALIGNED_GROUP}/image_raw"
SMALL = ("width:=64", "height:=48")


def start(domain: int, program: str, *parameters: str) -> "subprocess.Popen[str]":
    return start_node(domain, ["-c", program], *parameters, path=str(Path(fake_camera.__file__).parent))


class Client(Listener):
    """Hears every topic of the camera `front`, and keeps what it heard by topic."""

    def __init__(self, domain: int) -> None:
        super().__init__(domain)
        for topic in (COLOR, DEPTH, ALIGNED):
            self.hear(Image, topic, 10)
            self.hear(CompressedImage, f"{topic}/compressed", 10)
            self.hear(CameraInfo, f"{topic.rpartition('/')[0]}/camera_info", 10)
        self.hear(TFMessage, "/tf_static", LATCHED)
        self.hear(DiagnosticArray, "/diagnostics", 10)

    def status(self) -> dict[str, str]:
        """The newest diagnostics; `message` among the values."""
        for array in reversed(self.heard["/diagnostics"]):
            return {"message": array.status[0].message} | {v.key: v.value for v in array.status[0].values}
        return {"message": "none"}


def pixels(message: Image) -> Any:
    kind, depth = (np.uint8, 3) if message.encoding == "rgb8" else (np.uint16, 1)
    return np.frombuffer(message.data, kind).reshape(message.height, message.width, depth)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[tuple[subprocess.Popen[str], Client]]":
    """The node over a software RealSense with depth, and a client that has heard every topic three times."""
    pytest.importorskip("pyrealsense2", reason=REASON, exc_type=ImportError)
    file = tmp_path_factory.mktemp("calibration") / "front.yaml"
    save(file, Calibration("front", mount=Mount("fr3_link0", (0.5, 0.0, 0.8), (1.0, 0.0, 0.0, 0.0))))
    client = Client(FILM_DOMAIN)
    process = start(
        FILM_DOMAIN, SOFTWARE, "serial:=_123", *SMALL, "depth:=true", "compressed:=true", f"calibration:={file}",
        "lost_s:=2.0", "retry_s:=0.05", "retry_max_s:=0.1",
    )  # fmt: skip
    try:
        client.until(lambda: all(len(h) >= 3 for t, h in client.heard.items() if t.startswith("camera")))
        yield process, client
    finally:
        code = stop_node(process)
        client.close()
    assert code == 0


Film = tuple["subprocess.Popen[str]", Client]


def test_colour_and_depth_under_the_names_of_realsense_ros(film: Film) -> None:
    color, depth, aligned = (film[1].heard[topic][-1] for topic in (COLOR, DEPTH, ALIGNED))
    assert (color.encoding, depth.encoding, aligned.encoding) == ("rgb8", "16UC1", "16UC1")
    assert (color.step, depth.step) == (3 * 64, 2 * 64)
    assert color.header.frame_id == aligned.header.frame_id == "front_color_optical_frame"
    assert depth.header.frame_id == "front_depth_optical_frame"
    assert pixels(color).shape == (48, 64, 3) and tuple(pixels(color)[0, 0, 1:]) == (2, 3)
    assert (pixels(depth) == 1000).all() and pixels(aligned)[24, 40] == 1000


def test_each_image_has_an_info_of_its_stamp(film: Film) -> None:
    heard = film[1].heard
    for image, group, focal in ((COLOR, "color", 80.0), (DEPTH, "depth", 60.0), (ALIGNED, ALIGNED_GROUP, 80.0)):
        infos = heard[f"camera/front/{group}/camera_info"]
        assert {ns_from(m.header.stamp) for m in heard[image]} & {ns_from(m.header.stamp) for m in infos}
        assert infos[-1].header.frame_id == heard[image][-1].header.frame_id
        assert (infos[-1].distortion_model, len(infos[-1].d)) == ("plumb_bob", 5)
        assert (infos[-1].k[0], infos[-1].p[2], infos[-1].width) == (focal, 32.0, 64)
    assert abs(time.time_ns() - ns_from(heard[COLOR][-1].header.stamp)) < 30e9


def test_compressed_colour_and_depth(film: Film) -> None:
    jpeg = film[1].heard[f"{COLOR}/compressed"][-1]
    assert jpeg.format == "rgb8; jpeg compressed bgr8"
    bgr = cv2.imdecode(np.frombuffer(jpeg.data, np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None and abs(int(bgr[5, 5, 0]) - 3) < 6
    png = film[1].heard[f"{ALIGNED}/compressed"][-1]
    depth = cv2.imdecode(np.frombuffer(png.data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert depth is not None and depth.dtype == np.uint16 and depth[24, 40] == 1000


def test_transforms_from_the_file_and_from_the_camera(film: Film) -> None:
    heard = film[1].heard["/tf_static"]
    film[1].until(lambda: heard and len(heard[-1].transforms) == 2)
    mount, between = heard[-1].transforms
    assert (mount.header.frame_id, mount.child_frame_id) == ("fr3_link0", "front_color_optical_frame")
    assert mount.transform.translation.z == 0.8 and mount.transform.rotation.x == 1.0
    assert (between.header.frame_id, between.child_frame_id) == (mount.child_frame_id, "front_depth_optical_frame")
    assert between.transform.translation.x == pytest.approx(0.015)


def test_unplugged_and_back(film: Film) -> None:
    process, client = film
    client.until(lambda: client.status()["message"] == "" and float(client.status()["rate_hz"]) > 0)
    process.send_signal(signal.SIGUSR1)
    client.until(lambda: client.status()["message"] == "no RealSense with serial 123")
    client.heard[ALIGNED].clear()
    process.send_signal(signal.SIGUSR1)
    client.until(lambda: len(client.heard[ALIGNED]) >= 3)
    client.until(lambda: client.status()["message"] == "")
    assert int(client.status()["reconnects"]) >= 1


@pytest.fixture
def sequence(tmp_path: Path) -> str:
    """Twenty pictures; half of them are the same."""
    for i in range(20):
        cv2.imwrite(str(tmp_path / f"{i:03d}.png"), np.full((48, 64, 3), 10 * min(i, 10), np.uint8))
    return str(tmp_path / "%03d.png")


def test_a_v4l2_camera_with_a_calibration_file(sequence: str, tmp_path: Path) -> None:
    file = tmp_path / "front.yaml"
    save(file, Calibration("front", Intrinsics(64, 48, 70.0, 71.0, 31.0, 23.0, (0.1, 0.0, 0.0, 0.0, 0.0))))
    parameters = (f"device:={sequence}", *SMALL, "fps:=30", "frozen_s:=0.2", "retry_s:=0.05", f"calibration:={file}")
    client, process = Client(OTHER_DOMAIN), start(OTHER_DOMAIN, NODE, *parameters)
    heard = client.heard
    try:
        client.until(lambda: heard[COLOR] and heard["camera/front/color/camera_info"])
        info = heard["camera/front/color/camera_info"][-1]
        assert (info.k[0], info.k[4], info.d[0], info.width) == (70.0, 71.0, pytest.approx(0.1), 64)
        assert not heard[DEPTH]
        client.until(lambda: int(client.status().get("reconnects", "0")) >= 1)  # they freeze, and the file ends
    finally:
        code = stop_node(process)
        client.close()
    assert code == 0


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (["serial:=123"], "write a serial as serial:=_123"),
        (["device:=no.avi"], "device is 'no.avi': neither /dev/... nor a video file"),
    ],
)
def test_what_cannot_work_ends_the_node_with_one_line(parameters: list[str], words: str) -> None:
    process = start(OTHER_DOMAIN, NODE, *parameters)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 2 and words in errors
    assert "Traceback" not in errors and len(errors.strip().splitlines()) == 1

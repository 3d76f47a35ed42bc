"""Images that a simulated robot observes: rendered when read, and only of the present."""

from dataclasses import replace

import numpy as np
import pytest

from can_render import needs_renderer
from own_tasks import own_tasks
from zprl_core.action import ArmTarget
from zprl_core.latency import Latency
from zprl_core.obs import Obs
from zprl_core.observation import Observation, Pose
from zprl_core.streams.depth_pixels import depth_pixels
from zprl_sim.camera_rig import CameraRig
from zprl_sim.env import ArmEnv
from zprl_sim.latency import make_robot
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.camera import CameraOffset, CameraPose
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.task import Mismatch, Task

pytestmark = needs_renderer
LIFT = task_named("lift")
TARGET = ArmTarget(Pose((0.5, 0.1, 0.15)), 0.08)


def image(seen: Observation, camera: str) -> np.ndarray:
    found = seen.samples[camera]
    assert isinstance(found, np.ndarray)
    return found


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_every_camera_of_a_task_shows_something(task: Task) -> None:
    robot = SimRobot(task, obs=Obs.IMAGES)
    seen, spec = robot.reset(0), task.observed(Obs.IMAGES)
    assert not seen.objects and not spec.fault(seen) and spec.images
    for stream in spec.images:
        assert image(seen, stream.name).dtype == np.uint8 and image(seen, stream.name).std() > 5
    robot.close()


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_depth_of_the_table_is_where_the_camera_is_described_to_see_it(task: Task) -> None:
    """Of what is seen beside objects and arms: the pixels whose depth is that of the plane z = 0."""
    robot = SimRobot(task, obs=Obs.RGBD)
    seen, spec = robot.reset(0), task.observed(Obs.RGBD)
    assert not spec.fault(seen) and [s.camera for s in spec.images] == [*task.cameras, *task.cameras]
    depth, model = spec["front_depth"], robot.observed_cameras["front_depth"]
    height, width, _ = depth.shape
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    places = np.stack([(columns + 0.5) / width, (rows + 0.5) / height], axis=-1).reshape(-1, 2)
    rays = model.rays(places) @ model.pose[:3, :3].T
    with np.errstate(divide="ignore"):
        meters = (-model.pose[2, 3] / rays[:, 2]).reshape(height, width)  # a ray has depth 1
    expected = depth_pixels(meters[:, :, None].astype(np.float32), *depth.depth_m)
    near = np.abs(image(seen, "front_depth").astype(int) - expected) <= 1
    assert near[expected < 255].mean() > 0.3 and image(seen, "front_depth").dtype == np.uint8
    robot.close()


@pytest.mark.parametrize("latency", list(Latency))
def test_an_image_is_rendered_when_it_is_read_and_kept(monkeypatch: pytest.MonkeyPatch, latency: Latency) -> None:
    rendered: list[str] = []
    monkeypatch.setattr(CameraRig, "render", lambda *args: rendered.append(args[2]) or np.zeros((1, 1, 3), np.uint8))
    robot = make_robot(LIFT, latency, obs=Obs.IMAGES)
    seen = robot.reset(0)
    robot.spec.state(seen)
    assert not rendered
    assert image(seen, "front") is image(seen, "front") and rendered == ["front"]
    robot.step(TARGET)
    assert rendered == ["front"] and image(seen, "front").shape == (1, 1, 3)
    robot.close()


@pytest.mark.parametrize("change", ["step", "reset", "place"])
def test_an_image_of_the_past_is_refused(change: str) -> None:
    robot = SimRobot(LIFT, obs=Obs.IMAGES)
    seen = robot.reset(0)
    {"step": lambda: robot.step(TARGET), "reset": robot.reset, "place": robot.place_things}[change]()  # type: ignore[operator]
    with pytest.raises(RuntimeError, match=r"camera wrist was not read before the robot's next step.*read the images"):
        image(seen, "wrist")
    robot.close()


def test_a_seed_gives_the_same_pixels() -> None:
    def images(robot: SimRobot) -> list[np.ndarray]:
        seen = [robot.reset(5), *(robot.step(TARGET) for _ in range(3))][-1]
        return [image(seen, camera) for camera in LIFT.cameras]

    first, again, other = (SimRobot(LIFT, obs=Obs.IMAGES) for _ in range(3))
    other.reset(6)
    for x, y in zip(images(first), images(again), strict=True):
        assert np.array_equal(x, y)
    assert not np.array_equal(image(first.reset(5), "front"), image(other.reset(6), "front"))
    for robot in (first, again, other):
        robot.close()


def test_the_environment_observes_images_too() -> None:
    env = ArmEnv(LIFT, obs=Obs.IMAGES)
    state, info = env.reset(seed=0)
    assert state.shape == env.observation_space.shape == (6,)
    assert image(info["observation"], "front").shape == (128, 128, 3)
    env.close()


def test_a_camera_that_is_mounted_off_sees_another_image_in_deployment_only() -> None:
    task = replace(LIFT, mismatch=Mismatch(cameras=(CameraOffset("front", (0.02, 0.0, 0.0), (0.0, 0.0, 0.1)),)))
    plain, off = SimRobot(LIFT, False, obs=Obs.IMAGES), SimRobot(task, True, obs=Obs.IMAGES)
    same = SimRobot(task, False, obs=Obs.IMAGES)
    assert np.array_equal(plain.model.camera("front").pos, same.model.camera("front").pos)
    moved = off.model.camera("front").pos - plain.model.camera("front").pos
    mats = [robot.data.camera("front").xmat.reshape(3, 3) for robot in (plain, off)]
    assert np.allclose(moved, 0.02 * mats[0][:, 0])  # to its right
    turned = mats[0].T @ mats[1]
    assert turned[1, 0] == pytest.approx(np.sin(0.1)) and turned[2, 2] == pytest.approx(1.0)
    assert np.array_equal(plain.data.camera("wrist").xmat, off.data.camera("wrist").xmat)
    for robot in (plain, off, same):
        robot.close()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: CameraPose((0, 0, 1), (0, 0, 0)), "straight down or up"),
        (lambda: CameraPose((1, 0, 1), (0, 0, 0), 0.5), "fovy_deg must be within"),
        (lambda: CameraPose((float("nan"), 0, 1), (0, 0, 0)), "must be finite"),
        (lambda: CameraOffset("front", (float("inf"), 0, 0)), "must be finite"),
        (lambda: replace(LIFT, mismatch=Mismatch(cameras=(CameraOffset("top"),))), r"\['top'\], but the scene has"),
    ],
)
def test_cameras_check_themselves(wrong: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wrong()  # type: ignore[operator]

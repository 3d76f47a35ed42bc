"""A base made from recorded demonstrations, for a task without a scene and at any control rate."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from zprl.checkpoints.checkpoint import load_base
from zprl.checkpoints.metadata import read_metadata
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.models.unet_config import Head, UnetConfig
from zprl.models.vision_config import VisionNetwork
from zprl.rl.config import Steer
from zprl.training.config import PretrainConfig
from zprl.training.demos import Demos
from zprl_bringup.graph.preflight import about_base
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.station import Station, load_station
from zprl_cli.evaluate import Evaluate
from zprl_cli.pretrain import Pretrain
from zprl_cli.progress_bar import ProgressBar
from zprl_cli.recorded_base import RecordedBase
from zprl_cli.shared_base import options_for
from zprl_core.action_spec import ActionSpec
from zprl_core.errors import CheckpointError
from zprl_core.latency import Latency
from zprl_core.observation_spec import arm_observation, camera_observation
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.recipe import Recipe

OPTIONS = RunOptions()
SHORT = Recipe(pretrain=PretrainConfig(steps=2, batch=4))


def recorded(folder: Path, task: str = "place_orange", rate_hz: float = 10.0, episodes: int = 2) -> Demos:
    """Save demonstrations of 20 steps each, of a task that no package has."""
    spec, action, rng = arm_observation(("orange",)), ActionSpec(rate_hz=rate_hz), np.random.default_rng(0)
    n = 20 * episodes
    demos = Demos(
        rng.uniform(-1, 1, (n, spec.state_size)).astype(np.float32),
        rng.uniform(-1, 1, (n, action.size)).astype(np.float32),
        np.arange(20, n + 1, 20),
        task,
        0,
        spec,
        action,
    )
    demos.save(folder)
    return demos


def make(source: Path, demos: Demos, folder: Path, station: Station | None = None) -> RunFolder:
    run = RunFolder(folder)
    with ProgressBar() as bar:
        RecordedBase(source, demos, OPTIONS, station, SHORT).make(run, bar)
    return run


def test_a_base_of_10_hz_fits_the_station_that_it_was_made_for(tmp_path: Path) -> None:
    station, path = load_station(Path("open_box")), tmp_path / "recorded"
    run = make(path, recorded(path), tmp_path / "run", station)
    base = load_base(run.base).config
    assert (base.horizon, base.n_action_steps, base.action.rate_hz) == (16, 16, 10.0)
    assert read_metadata(run.base)["control_rate"] == 10.0
    station.check_base(run.base)
    options = RunOptions(robot="franky", lockstep=False, base=run.base)
    assert about_base(GraphSettings("run", tmp_path, options, station=station)) == ""
    fast = GraphSettings("run", tmp_path, options, station=replace(station, control_rate=20.0))
    assert "pretrained at 10 Hz, but the control rate of this arm is 20 Hz" in about_base(fast)


def test_without_a_station_the_chunks_are_those_of_a_recipe(tmp_path: Path) -> None:
    base = RecordedBase(tmp_path, recorded(tmp_path), OPTIONS).sizes
    assert (base.horizon, base.n_action_steps) == (16, 4)


def test_a_station_of_another_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="have 10 control steps per second, the station's control_rate is 20"):
        RecordedBase(tmp_path, recorded(tmp_path), OPTIONS, load_station(Path("flip_egg")))


@pytest.mark.parametrize("task", ["", "..", "a/b"])
def test_a_task_that_cannot_name_a_folder_is_refused(tmp_path: Path, task: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a folder"):
        RecordedBase(tmp_path, recorded(tmp_path, task), OPTIONS)


def test_the_same_command_again_keeps_the_base_and_other_demonstrations_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "recorded"
    run = make(path, recorded(path), tmp_path / "run")
    before = (run.base / "base.safetensors").stat().st_mtime_ns
    make(path, Demos.load(path), run.path)
    assert (run.base / "base.safetensors").stat().st_mtime_ns == before
    with pytest.raises(RunError, match=r"made from 2 demonstrations, .* now has 3 that differ; give another --name"):
        make(path, recorded(path, episodes=3), run.path)


def test_a_run_without_a_scene_says_where_it_can_be_played(tmp_path: Path) -> None:
    path = tmp_path / "recorded"
    run = make(path, recorded(path), tmp_path / "run")
    with pytest.raises(RunError, match="without a scene to simulate; play or finetune it on a robot: zprl up --base"):
        load_options(run)


def lifted(folder: Path) -> Demos:
    """Save demonstrations with the specs of the installed task lift."""
    task, rng = task_named("lift"), np.random.default_rng(0)
    state = rng.uniform(-1, 1, (40, task.observation.state_size)).astype(np.float32)
    action = rng.uniform(-1, 1, (40, task.action.size)).astype(np.float32)
    demos = Demos(state, action, np.array([20, 40]), "lift", 0, task.observation, task.action)
    demos.save(folder)
    return demos


@pytest.mark.parametrize(("latency", "simulated"), [("", Latency.IDEAL), ("real", Latency.REAL)])
def test_a_base_of_an_installed_task_is_evaluated_and_shared(tmp_path: Path, latency: str, simulated: Latency) -> None:
    run = RunFolder(tmp_path / "run")
    with ProgressBar() as bar:
        RecordedBase(tmp_path, lifted(tmp_path / "d"), RunOptions(seed=3), usual=SHORT, latency=latency).make(run, bar)
    assert load_options(run) == RunOptions(task="lift", seed=3, latency=simulated)
    assert options_for(RunOptions(seed=5), run) == RunOptions(task="lift", seed=5, latency=simulated)
    with pytest.raises(RunError, match="has no finetuned policy; evaluate its base with --base"):
        Evaluate(str(run.path)).main()
    Evaluate(str(run.path), base=True, episodes=2).main()
    assert run.read("evaluations/base_zero_1000000_2")["episodes"] == 2


def test_a_base_of_other_specs_than_the_installed_task_has_no_scene(tmp_path: Path) -> None:
    run = make(tmp_path / "d", recorded(tmp_path / "d", task="lift"), tmp_path / "run")
    with pytest.raises(RunError, match="without a scene to simulate"):
        load_options(run)


def test_without_a_scene_a_tenth_of_the_episodes_tells_the_error_of_the_actions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make(tmp_path / "d", recorded(tmp_path / "d", episodes=10), tmp_path / "run")
    found = run.read("action_error")
    assert (found["episodes"], found["of"]) == (1, 10) and len(found["phases"]) == 3
    said = capsys.readouterr().out
    assert "actions on 1 of 10 episodes, which the base was not trained on" in said and "last third" in said


def test_with_a_scene_no_episode_is_held_out_unless_it_is_asked_for(tmp_path: Path) -> None:
    demos = lifted(tmp_path / "d")
    for name, share, held_out in (("usual", None, False), ("half", 0.5, True)):
        run = RunFolder(tmp_path / name)
        with ProgressBar() as bar:
            RecordedBase(tmp_path, demos, OPTIONS, usual=SHORT, held_out=share).make(run, bar)
        assert (run.read("action_error") is not None) == held_out


@pytest.mark.parametrize(("episodes", "held_out"), [(2, None), (4, 1), (30, 3)])
def test_a_few_episodes_are_held_out_if_there_are_three(tmp_path: Path, episodes: int, held_out: int | None) -> None:
    base = RecordedBase(tmp_path, recorded(tmp_path / "d", episodes=episodes))
    unseen = base._split()[1]
    assert (None if unseen is None else len(unseen.episode_ends)) == held_out


def test_a_base_that_was_not_finished_says_so(tmp_path: Path) -> None:
    run = make(tmp_path / "d", recorded(tmp_path / "d"), tmp_path / "run")
    (run.base / "checkpoint.json").unlink()
    with pytest.raises(RunError, match="has no base yet; run its zprl pretrain command again"):
        load_options(run)


def test_the_command_names_the_run_after_the_recorded_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(tmp_path / "recorded")
    monkeypatch.setattr(RecordedBase, "make", lambda self, folder, bar: made.append(folder.path))
    made: list[Path] = []
    Pretrain(RunOptions(seed=3), runs=tmp_path, demos=tmp_path / "recorded").main()
    assert made == [tmp_path / "place_orange-seed3"]


def test_options_that_would_be_ignored_are_refused(tmp_path: Path) -> None:
    recorded(tmp_path)
    with pytest.raises(
        ValueError, match=r"only --seed, --vision, .*, --held-out, --devices, --nodes, --name and --runs are used"
    ):
        Pretrain(RunOptions(steer=Steer.NOISE), runs=tmp_path, demos=tmp_path).main()
    with pytest.raises(ValueError, match="--station and --held-out are for --demos FOLDER"):
        Pretrain(runs=tmp_path, station=Path("open_box")).main()


def test_networks_can_be_chosen_and_those_for_images_need_images(tmp_path: Path) -> None:
    demos = recorded(tmp_path / "demos")
    assert RecordedBase(tmp_path, demos, RunOptions(head=Head.UNET)).sizes.unet == UnetConfig()
    with pytest.raises(ValueError, match="vision resnet18 encodes images, and this policy observes none"):
        Pretrain(RunOptions(vision=VisionNetwork.RESNET18), runs=tmp_path, demos=tmp_path / "demos").main()
    chosen = RunOptions(vision=VisionNetwork.PRETRAINED, backbone=str(tmp_path / "absent.pth"))
    with pytest.raises(CheckpointError, match="there is no file"):
        Pretrain(chosen, runs=tmp_path, demos=tmp_path / "demos").main()


def test_demonstrations_with_images_have_the_recipe_that_trains_an_encoder_too(tmp_path: Path) -> None:
    plain, spec = recorded(tmp_path), camera_observation(("front",))
    images = {s.name: np.zeros((40, *s.shape), np.uint8) for s in spec.images}
    states = np.zeros((40, spec.state_size), np.float32)
    seen = replace(plain, observations=states, observation=spec, images=images)
    assert RecordedBase(tmp_path, seen).recipe == Recipe().seeing() != Recipe()
    assert RecordedBase(tmp_path, plain).recipe == Recipe()


def test_a_folder_without_demonstrations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no demonstrations in"):
        Pretrain(runs=tmp_path / "runs", demos=tmp_path).main()
    assert not (tmp_path / "runs").exists()

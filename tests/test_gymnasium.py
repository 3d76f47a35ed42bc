"""An environment that zprl does not know goes through demonstrations, base, finetuning and evaluation in process."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from zprl.checkpoints.checkpoint import load_base
from zprl.checkpoints.run_folder import RunFolder
from zprl.rl.presets import CPU
from zprl.training.config import PretrainConfig
from zprl.training.demos import Demos
from zprl_bringup.graph import preset, run_options
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import graph_settings, load_options
from zprl_cli import job, main
from zprl_core.observation_spec import StreamKind
from zprl_sim.tasks.recipe import Recipe

REACH = ("--env", "point_reach:PointReach-v0", "--expert", "point_reach:expert")
SEE = ("--env", "point_reach:lab/PointSee-v0", "--expert", "point_reach:expert")
SMALL = Recipe(env_steps=200, demos=10, latent_dim=2, n_action_steps=4, pretrain=PretrainConfig(steps=60, batch=32))
SAC = replace(CPU.learner.sac, critics=2, hidden=32, batch=32, actor_after=0)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for runs that are small, though not in what they do."""
    monkeypatch.setattr(main.signal, "signal", lambda *args: None)
    monkeypatch.setattr(run_options, "Recipe", lambda: SMALL)
    learner = replace(CPU.learner, warmup=20, utd=0.5, sac=SAC)
    monkeypatch.setattr(preset, "EFFICIENT", replace(CPU, learner=learner, publish_every=5))
    monkeypatch.setattr(job, "VIDEO_SEEDS", 2)
    return tmp_path / "runs"


def zprl(monkeypatch: pytest.MonkeyPatch, runs: Path, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["zprl", *arguments, "--runs", str(runs)])
    main.main()


def test_it_goes_through_every_phase(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    zprl(monkeypatch, runs, "demos", *REACH)
    run = RunFolder(runs / "PointReach-v0-seed0")
    demos = Demos.load(run.demos)
    assert (demos.task, len(demos.episode_ends)) == ("PointReach-v0", 10)
    assert [stream.name for stream in demos.observation.streams] == ["point", "target"]
    zprl(monkeypatch, runs, "pretrain", *REACH)
    zprl(monkeypatch, runs, "finetune", *REACH, "--eval-episodes", "5")
    report = run.read("report")
    assert report["task"] == "point_reach:PointReach-v0" and not report["through_ros"]
    assert report["env_steps"] >= 200 and report["updates"] > 0
    assert (run.path / "finetuned.gif").exists() and (run.path / "report.html").exists()
    assert load_options(run).env == "point_reach:PointReach-v0" and load_options(run).in_process
    capsys.readouterr()
    zprl(monkeypatch, runs, "evaluate", run.name, "--episodes", "5", "--base")
    assert "/5, 95 %" in capsys.readouterr().out
    zprl(monkeypatch, runs, "finetune", "--resume", str(run.path), "--env-steps", "250")
    assert run.read("report")["env_steps"] >= 250


def test_images_are_recorded_as_streams_and_a_base_encodes_them(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = PretrainConfig(steps=2, batch=4)
    monkeypatch.setattr(Recipe, "seeing", lambda recipe: replace(recipe, pretrain=short))
    zprl(monkeypatch, runs, "demos", *SEE)
    run = RunFolder(runs / "lab_PointSee-v0-seed0")
    (image,) = Demos.load(run.demos).observation.images
    assert (image.name, image.kind, image.shape) == ("camera/front", StreamKind.IMAGE, (16, 16, 3))
    zprl(monkeypatch, runs, "pretrain", *SEE)
    base = load_base(run.base)
    assert base.vision is not None and base.vision.names == ("camera/front",)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (REACH[:2], "--env needs an expert; give --expert module:function"),
        (REACH[2:], "--expert and --time-limit require --env"),
        ((*REACH, "--robots", "2"), "one robot in process, without a ROS graph; remove --robots"),
        ((*REACH, "--task", "peg_insert"), "--task, --latency and --obs are for tasks of zprl; remove them, or --env"),
        ((*REACH, "--obs", "images"), "--task, --latency and --obs are for tasks of zprl; remove them, or --env"),
        ((*REACH, "--time-limit", "0"), "time_limit must be at least 1, got 0"),
        (("--env", "point_reach:Absent-v0", *REACH[2:]), "environment 'point_reach:Absent-v0' cannot be created"),
        (("--env", "point_reach:PointChoice-v0", *REACH[2:]), "the action space is Discrete(4); it must be"),
        (("--env", "point_reach:PointEndless-v0", *REACH[2:]), "has no time limit of its own; give --time-limit"),
        ((*REACH[:2], "--expert", "point_reach:absent"), "point_reach:absent cannot be loaded (AttributeError"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    flags: tuple[str, ...],
    message: str,
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as end:
        zprl(monkeypatch, runs, "finetune" if "--robots" in flags else "demos", *flags)
    assert end.value.code == 2 and not runs.exists()
    said = "".join(character for character in capsys.readouterr().err if character not in "│╭╮╰╯─")
    assert message in " ".join(said.split())


def test_a_run_of_an_environment_has_no_graph(tmp_path: Path) -> None:
    settings = RunOptions(env=REACH[1], expert=REACH[3])
    with pytest.raises(ValueError, match=r"has no graph; use zprl finetune --resume"):
        graph_settings(settings, RunFolder(tmp_path))


def test_a_run_of_an_earlier_version_has_no_environment(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "lift-seed0")
    run.open(RunOptions().saved, RunOptions().numbers)
    config = run.read("config")
    for name in ("env", "expert", "time_limit"):
        del config["settings"][name]
    del config["format"]
    (run.path / "config.json").write_text(json.dumps(config))
    assert load_options(run) == RunOptions()
    run.open(RunOptions().saved, RunOptions().numbers)

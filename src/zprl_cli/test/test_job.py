"""What a person may choose for a run, and that what cannot be is refused before anything is written."""

import errno
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from zprl.checkpoints.checkpoint import load_base, save_base
from zprl.checkpoints.metadata import read_metadata
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.config import FlowNoise, Mode
from zprl.training.demos import Demos
from zprl.training.finetune import make_policy
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options
from zprl_cli import job, main
from zprl_cli.job import Job
from zprl_cli.progress_bar import ProgressBar
from zprl_core.latency import Latency
from zprl_core.observation_spec import arm_observation


def test_no_demonstrations_leave_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main.signal, "signal", lambda *args: None)
    monkeypatch.setattr("sys.argv", ["zprl", "demos", "--demos", "0", "--runs", str(tmp_path / "runs")])
    with pytest.raises(SystemExit) as end:
        main.main()
    assert end.value.code == 2 and not (tmp_path / "runs").exists()
    assert "must be at least 1" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free some disk space"),
        (errno.EDQUOT, "free some disk space"),
        (errno.ENOENT, "check what is at that path"),
        (errno.ENOTDIR, "check what is at that path"),
        (errno.EACCES, "check the write permissions there"),
        (errno.EROFS, "check the write permissions there"),
    ],
)
def test_only_a_full_disk_is_called_full(
    number: int, remedy: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused() -> None:
        raise OSError(number, "refused", "/runs/x")

    monkeypatch.setattr(main.signal, "signal", lambda *args: None)
    monkeypatch.setattr(main.tyro, "cli", lambda *args, **options: SimpleNamespace(main=refused))
    with pytest.raises(SystemExit) as end:
        main.main()
    said = capsys.readouterr().err
    assert end.value.code == 2 and "/runs/x" in said and remedy in said
    assert ("free some disk space" in said) is (remedy == "free some disk space")


def demos(task: str = "lift", action: float = 0.0) -> Demos:
    spec = arm_observation(("cube",))
    return Demos(
        np.zeros((4, spec.state_size), np.float32), np.full((4, 5), action, np.float32), np.array([4]), task, 0, spec
    )


def test_a_base_of_other_demonstrations_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8))
    monkeypatch.setattr(job, "pretrain", lambda *args, **options: small)
    with ProgressBar() as bar:
        one = Job(RunOptions(), RunFolder(tmp_path / "run"), bar)
        one.pretrained(demos())
        one.pretrained(demos())
        with pytest.raises(RunError, match=r"pretrained from demonstrations [0-9a-f]{12}, .* --name run-2"):
            one.pretrained(demos(action=0.5))


def test_demonstrations_of_another_task_are_not_used(tmp_path: Path) -> None:
    demos("push").save(tmp_path / "run" / "demos")
    with ProgressBar() as bar, pytest.raises(RunError, match=r"are of task push, this run is of lift; .* --name run-2"):
        Job(RunOptions(), RunFolder(tmp_path / "run"), bar).recorded()


@pytest.mark.parametrize("known", [True, False])
def test_a_result_of_another_base_is_not_reported(tmp_path: Path, known: bool) -> None:
    folder, config = RunFolder(tmp_path / "run"), BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8)
    save_base(folder.base, BasePolicy(config))
    base = load_base(folder.base)
    policy = make_policy(base, RunOptions().finetune, Mode.BASE, 0)
    found = {"made_with": {"task": "lift", "base": "b" * 64}} if known else {}
    folder.write("evaluation_base", found)
    with ProgressBar() as bar:
        one = Job(RunOptions(), folder, bar)
        if not known:
            one.evaluated("base", policy)  # of an earlier version
            return
        with pytest.raises(
            RunError, match=r"is the result of base bbbbbbbbbbbb, the run's base is [0-9a-f]{12}; restore"
        ):
            one.evaluated("base", policy)


def test_a_base_says_how_long_its_steps_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8))
    monkeypatch.setattr(job, "pretrain", lambda *args, **options: small)
    with ProgressBar() as bar:
        Job(RunOptions(), RunFolder(tmp_path), bar).pretrained(demos())
    words = read_metadata(tmp_path / "base")
    assert (words["pace"], words["control_rate"]) == ("ideal", 20.0)


def test_a_base_of_another_task_is_not_evaluated(tmp_path: Path) -> None:
    """The run says lift; its base perceives a peg."""
    folder, options = RunFolder(tmp_path / "run"), RunOptions()
    folder.open(options.saved, options.numbers)
    save_base(folder.base, BasePolicy(BaseConfig(arm_observation(("peg",)), hidden=8)))
    with pytest.raises(ValueError, match="the base and task lift do not agree") as refused:
        main.Evaluate("run", tmp_path, base=True).main()
    assert "objects/peg" in str(refused.value) or "stream peg" in str(refused.value)


OLD_SETTINGS = """
{"task": "lift", "seed": 0, "preset": "cpu", "steer": "latent", "env_steps": null, "demos": null,
 "eval_episodes": 200, "robots": 1, "pace": "real", "in_process": false}
"""
OLD_NUMBERS = '{"recipe.latent": 8, "recipe.execute": 8, "base.latent": 8, "base.execute": 8}'


def test_a_run_of_an_earlier_version_goes_on(tmp_path: Path) -> None:
    chosen = RunOptions(latency=Latency.REAL, preset=Preset.CPU, noise=FlowNoise.SAMPLED, until=0.0)
    folder = RunFolder(tmp_path / "run")
    folder.open(chosen.saved, chosen.numbers)
    path = tmp_path / "run" / "config.json"
    config = json.loads(path.read_text())
    numbers = config["numbers"]
    del config["format"]
    for name in ("latent_dim", "n_action_steps"):
        del numbers[f"recipe.{name}"], numbers[f"base.{name}"]
    numbers["task"]["covered"] = numbers["task"].pop("demo_region")
    config["settings"], config["numbers"] = json.loads(OLD_SETTINGS), {**numbers, **json.loads(OLD_NUMBERS)}
    path.write_text(json.dumps(config))
    assert load_options(folder) == chosen
    folder.open(chosen.saved, chosen.numbers)


def reliable_job(folder: Path, bar: ProgressBar, monkeypatch: pytest.MonkeyPatch) -> tuple[Job, list[float]]:
    """A job whose finetuning ends early, as reliable, and the rates at which it was done."""
    rates: list[float] = []

    def early(options: RunOptions, *args: object) -> bool:
        rates.append(options.tested_rate)
        return True

    run = RunFolder(folder)
    save_base(run.base, BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8)))
    monkeypatch.setattr(job, "finetune_in_process", early)
    return Job(RunOptions(in_process=True), run, bar), rates


def test_finetuning_that_ended_at_a_rate_goes_on_only_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ProgressBar() as bar:
        one, rates = reliable_job(tmp_path / "run", bar, monkeypatch)
        one.finetuned(one.base())
        assert "ended after 0 of 30000 control steps: its episodes show a success rate above 95 %" in (
            capsys.readouterr().err
        )
        one.finetuned(one.base())
        assert rates == [0.95]
        higher = Job(RunOptions(in_process=True, until=0.97), one.folder, bar)
        higher.finetuned(higher.base())
        higher.finetuned(higher.base())
        assert rates == [0.95, 0.97]
        unlimited = Job(RunOptions(in_process=True, until=0.0), one.folder, bar)
        unlimited.finetuned(unlimited.base())
        assert rates == [0.95, 0.97, 0.0]


def test_a_resumed_run_takes_another_rate(tmp_path: Path) -> None:
    options = RunOptions(in_process=True, until=0.9)
    RunFolder(tmp_path / "run").open(options.saved, options.numbers)
    resumed = main.Finetune(resume=tmp_path / "run", options=RunOptions(until=0.97))
    assert resumed.extended(resumed.resumed(tmp_path / "run")[0]).tested_rate == 0.97
    same = main.Finetune(resume=tmp_path / "run")
    assert same.extended(same.resumed(tmp_path / "run")[0]).tested_rate == 0.9

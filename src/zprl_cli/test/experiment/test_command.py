"""`zprl compare` in process, from names to the report."""

import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from compared import finetuned_run
from zprl.checkpoints.run_folder import RunError
from zprl.training.paired_test import PairedTest, Verdict
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.experiment import in_process
from zprl_cli.experiment.command import Compare
from zprl_cli.experiment.contestant import contestants
from zprl_cli.experiment.report import bag_of

SHORT = PairedTest(max_pairs=2)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of one base."""
    folder = tmp_path_factory.mktemp("runs")
    finetuned_run(folder / "one")
    finetuned_run(folder / "two", base_of=folder / "one", seed=1)
    return folder


def test_a_run_alone_is_its_base_against_its_finetuned_policy(runs: Path) -> None:
    a, b = contestants(("one",), runs, None)
    assert (a.name, a.actor, b.name, b.actor) == ("one:base", None, "one", runs / "one" / "actor")
    assert a.identity.keys() == {"name", "base"} and b.identity["env_steps"] == "0"
    assert a.steering == "" and b.steering


def test_two_policies_are_named(runs: Path) -> None:
    a, b = contestants((str(runs / "two"), "one:base"), runs, None)
    assert (a.name, b.name, b.actor) == ("two", "one:base", None)
    assert a.identity["base"] == b.identity["base"] != a.identity["actor"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("one:base",), "or the run alone: one"),
        (("one", "one"), "are the same policy"),
        (("one", "nothing"), "is neither the folder of a run nor the name of one"),
    ],
)
def test_policies_that_cannot_be_compared_are_refused(runs: Path, names: tuple[str, ...], message: str) -> None:
    with pytest.raises(RunError, match=message):
        contestants(names, runs, None)


def test_a_run_without_an_actor_is_offered_by_its_base(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "one", tmp_path / "new")
    shutil.rmtree(tmp_path / "new" / "actor")
    with pytest.raises(RunError, match="compare its base: new:base"):
        contestants((str(runs / "one"), "new"), tmp_path, None)


def test_policies_of_two_tasks_are_refused(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "one", tmp_path / "other")
    for run, task in ((tmp_path / "other", "push"), (tmp_path / "mine", "lift")):
        if not run.exists():
            shutil.copytree(runs / "one", run)
        metadata = run / "base" / "checkpoint.json"
        metadata.write_text(json.dumps({**json.loads(metadata.read_text()), "task": task}))
    with pytest.raises(RunError, match="mine is of task lift, other:base of push; compare policies of one task"):
        contestants(("mine", "other:base"), tmp_path, None)


def test_a_policy_that_does_not_fit_the_task_is_refused(runs: Path) -> None:
    with pytest.raises(ValueError, match="compare policies of one task and observation"):
        contestants(("one",), runs, None)[0].policy(RunOptions(task="pick_to_tray"))


def test_who_labels_on_learns_nothing_before_the_end(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(in_process, "play", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Compare((str(runs / "one"),), tmp_path, name="x", test=SHORT).main()
    assert capsys.readouterr().out == "" and not list((tmp_path / "comparisons" / "x").glob("report.*"))


def test_it_plays_reports_and_is_taken_up_again(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = Compare(("one",), runs, test=SHORT)
    command.main()
    folder = runs / "comparisons" / "one-base_one"
    said = capsys.readouterr().out
    assert "A one:base: " in said and "B one: " in said and "after 2 pairs" in said
    episodes = (folder / "episodes.jsonl").read_text()
    assert len(episodes.splitlines()) == 4
    report = json.loads((folder / "report.json").read_text())
    digest = report.pop("sha256")
    assert digest == hashlib.sha256(json.dumps(report, sort_keys=True).encode()).hexdigest()
    assert report["verdict"] in list(Verdict) and len(report["pairs"]) == 2 and report["robot"] == "in process"
    page = (folder / "report.html").read_text()
    assert digest in page and "one:base" in page and "data:image/png" in page
    command.main()
    assert (folder / "episodes.jsonl").read_text() == episodes


def test_a_comparison_is_reproducible(runs: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        Compare((str(runs / "one"), str(runs / "two")), tmp_path, name=name, test=SHORT).main()
    one, two = ((tmp_path / "comparisons" / name / "episodes.jsonl").read_text() for name in ("first", "second"))
    assert one == two


def test_another_comparison_is_not_mixed_in(runs: Path, tmp_path: Path) -> None:
    command = Compare((str(runs / "one"),), tmp_path, name="kept", test=SHORT)
    command.main()
    for other in (replace(command, seed=1), replace(command, test=PairedTest(max_pairs=3))):
        with pytest.raises(RunError, match=r"is another comparison; give another --name"):
            other.main()


def test_a_report_is_signed_and_what_was_changed_is_noticed(runs: Path, tmp_path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    Compare((str(runs / "one"),), tmp_path, name="x", test=SHORT, labeled_by="Ada", sign_with=key).main()
    report = tmp_path / "comparisons" / "x" / "report.json"
    (tmp_path / "signers").write_text(f"ada {key.with_suffix('.pub').read_text()}")
    verify = ["ssh-keygen", "-Y", "verify", "-f", str(tmp_path / "signers"), "-I", "ada", "-n", "zprl"]
    verify += ["-s", f"{report}.sig"]
    assert subprocess.run(verify, input=report.read_bytes(), check=False, capture_output=True).returncode == 0
    changed = report.read_bytes().replace(b"Ada", b"Bob")
    assert subprocess.run(verify, input=changed, check=False, capture_output=True).returncode != 0


def test_a_key_that_is_none_is_named(runs: Path, tmp_path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    (tmp_path / "key").write_text("no key\n")
    with pytest.raises(RunError, match="cannot be signed with"):
        Compare((str(runs / "one"),), tmp_path, name="y", test=SHORT, sign_with=tmp_path / "key").main()


def test_options_of_the_graph_need_it() -> None:
    with pytest.raises(ValueError, match="are for --ros"):
        Compare(("one",), options=RunOptions(robot="mujoco"))
    with pytest.raises(ValueError, match="name one run or two policies, got 3"):
        Compare(("a", "b", "c"))


def test_the_bag_of_an_episode_is_the_newest_of_its_number(tmp_path: Path) -> None:
    for k, name in enumerate(("lift_20260101T000000Z_000003", "lift_20260102T000000Z_000003", "lift_x_000004")):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (k, k))
    assert bag_of(tmp_path, 3) == "lift_20260102T000000Z_000003"
    assert bag_of(tmp_path, 5) == bag_of(None, 3) == ""

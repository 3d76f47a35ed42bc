"""The table of a run's episodes, read while it is written."""

import os
from pathlib import Path

from zprl_console.run_results import RunResults

HEAD = "episode,robot,env_steps,outcome,steps,return\n"


def test_results_of_a_run_that_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "episodes.csv"
    run = RunResults(path)
    assert run.read() == ()
    path.write_text(f"{HEAD}0,robot,9,SUCCESS,9,1.0\n1,robot,20,TIMEOUT,11,0.0\n2,robot,30,ASSISTED,10,0.0\n")
    assert run.read() == (True, False, False)
    with path.open("a") as file:
        file.write("3,robot,40,SUCCESS,10,1.0\n4,rob")  # a line that is not complete
    assert run.read() == (True, False, False, True)
    path.unlink()
    assert run.read() == (True, False, False, True)


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "episodes.csv"
    path.write_text(f"{HEAD}0,robot,9,SUCCESS,9,1.0\n")
    run, before = RunResults(path), path.stat()
    assert run.read() == (True,)
    path.write_text(f"{HEAD}0,robot,9,FAILURE,9,1.0\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run.read() == (True,)


def test_a_damaged_file_has_no_results(tmp_path: Path) -> None:
    path = tmp_path / "episodes.csv"
    path.write_bytes(b"\xff\xfe\x00" * 20)
    assert RunResults(path).read() == ()

"""`zprl view` from the bag to the file."""

from pathlib import Path

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from path_bag import path_bag
from zprl_cli.view import view
from zprl_cli.view.view import View
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.errors import RecordError
from zprl_core.observation import Pose

NEEDED = "pip install -r requirements-view.txt -c constraints.txt"


@pytest.fixture
def bag(tmp_path: Path) -> str:
    places = [Pose((0.4 + 0.01 * k, 0.1, 0.2)) for k in range(5)]
    return str(path_bag(tmp_path / "bag", places, [0.08] * 5))


def test_a_bag_becomes_a_file(bag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chunk = pytest.importorskip("rerun.chunk", reason=NEEDED)
    file = tmp_path / "out.rrd"
    View((bag,), save=file).main()
    assert capsys.readouterr().out == f"{file}\n"
    entities = {each.entity_path for each in chunk.RrdReader(str(file)).stream()}
    assert {"/scene/tool\\ measured\\ path", "/scene/objects\\/cube", "/plots/gripper\\ \\[mm\\]/executed"} <= entities


def test_without_save_the_viewer_opens_a_file_that_is_removed_afterwards(
    bag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("rerun", reason=NEEDED)
    from zprl_cli.view.rerun import viewer

    opened: list[Path] = []

    def look(file: Path) -> int:
        assert file.stat().st_size > 0
        opened.append(file)
        return len(opened) - 1

    monkeypatch.setattr(viewer, "view_file", look)
    View((bag,)).main()
    with pytest.raises(RecordError, match="ended with code 1; on a machine without a screen use --save"):
        View((bag,)).main()
    assert len(opened) == 2 and not any(file.exists() for file in opened)


def test_a_bag_with_nothing_to_show_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("rerun", reason=NEEDED)
    BagWriter(tmp_path / "bag", {}).finish({})
    with pytest.raises(RecordError, match="has nothing that can be shown"):
        View((str(tmp_path / "bag"),), save=tmp_path / "out.rrd").main()
    assert not (tmp_path / "out.rrd").exists()


def test_without_rerun_the_error_says_how_to_install_it(bag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=NEEDED):
        View((bag,)).main()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"save": Path("a.mcap")}, r"Rerun opens files named \*.rrd"),
        ({"last": 0}, "last"),
        ({"what": ()}, "name a bag"),
    ],
)
def test_wrong_flags_are_refused(flags: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        View(**{"what": ("bag",), **flags})  # type: ignore[arg-type]

"""Files of Rerun, read back with its own reader."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rerun", reason="pip install -r requirements-view.txt -c constraints.txt")

from rerun.chunk import RrdReader

from zprl_cli.view.moment import Color, Line, Moment, Note, Numbers, Picture, Placed
from zprl_cli.view.rerun.log import rerun_file
from zprl_core.errors import RecordError

NS = 1_700_000_000_000_000_000
MOMENTS = (
    *(Moment(NS + k, Numbers("tool x [m]", {"measured": 0.1 * k, "executed": -0.1 * k})) for k in range(3)),
    Moment(NS, Placed("objects/cube", (0.5, 0.1, 0.2), (0.0, 0.0, 0.0, 1.0))),
    Moment(NS, Line("arm/plan", np.zeros((4, 3)), Color.PLAN)),
    Moment(NS, Picture("camera/front/color", np.zeros((8, 8, 3), np.uint8))),
    Moment(NS, Picture("camera/gray", np.zeros((8, 8, 1), np.uint8))),
    Moment(NS, Picture("camera/depth", np.ones((8, 8), np.float32))),
    Moment(NS + 7, Note("episode of robot", "episode 7: success")),
)


def written(path: Path) -> dict[str, Any]:
    """The tables of a file, by entity; only those that have times."""
    with rerun_file(path, "a bag") as log:
        for moment in MOMENTS:
            log.show(moment)
    tables: dict[str, Any] = {}
    for chunk in RrdReader(str(path)).stream():
        if not chunk.is_static:
            assert chunk.timeline_names == ["time"]
            assert chunk.entity_path not in tables, "in several chunks"
            tables[chunk.entity_path] = chunk.to_record_batch()
    return tables


def test_everything_is_in_the_file_on_one_timeline(tmp_path: Path) -> None:
    tables = written(tmp_path / "a.rrd")
    assert set(tables) == {
        "/plots/tool\\ x\\ \\[m\\]/measured", "/plots/tool\\ x\\ \\[m\\]/executed", "/scene/objects\\/cube",
        "/scene/arm\\/plan", "/cameras/camera\\/front\\/color", "/cameras/camera\\/gray", "/cameras/camera\\/depth",
        "/log/episode\\ of\\ robot",
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["a.rrd"]


def test_numbers_have_their_values_at_their_times(tmp_path: Path) -> None:
    table = written(tmp_path / "a.rrd")["/plots/tool\\ x\\ \\[m\\]/executed"]
    assert [value for (value,) in table.column("Scalars:scalars").to_pylist()] == pytest.approx([0.0, -0.1, -0.2])
    assert [time.value for time in table.column("time")] == [NS, NS + 1, NS + 2]


def test_the_file_has_a_layout(tmp_path: Path) -> None:
    written(tmp_path / "a.rrd")
    reader = RrdReader(str(tmp_path / "a.rrd"))
    assert len(reader.recordings()) == 1 and len(reader.blueprints()) == 1


def test_after_an_error_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeyError), rerun_file(tmp_path / "a.rrd", "a bag"):
        raise KeyError
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    log = rerun_file(tmp_path / "none" / "a.rrd", "a bag")
    with pytest.raises(RecordError, match="give --save a file in a folder that exists"), log:
        pass

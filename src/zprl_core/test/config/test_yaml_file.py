"""A key that is written twice is refused wherever a person's YAML is read."""

from pathlib import Path

import pytest

from zprl_bringup.graph.station import load_station
from zprl_core.config.yaml_file import KeyTwice, parse_yaml
from zprl_hardware.cameras.calibration_file import CalibrationError, load, load_poses


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("limits: {force: 20.0}\nlead: 1.0\nlimits:\n  speed_m: 0.1", "'limits' occurs twice, on lines 1 and 3"),
        ("limits:\n  force: 20.0\n  force: 40.0", "'force' occurs twice, on lines 2 and 3"),
        ('{lead: 1.0, "lead": 2.0}', "'lead' occurs twice, on line 1"),
        ("cameras:\n  - name: a\n    fps: 15\n    fps: 30", "'fps' occurs twice, on lines 3 and 4"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  <<: *x", "'<<' occurs twice, on lines 3 and 4"),
    ],
)
def test_a_key_twice(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(KeyTwice, match=why):
        parse_yaml(text)
    (tmp_path / "mine.yaml").write_text(text)
    for load_file in (load_station, load, load_poses):
        with pytest.raises(ValueError, match=rf"mine\.yaml.*{why}"):
            load_file(tmp_path / "mine.yaml")


def test_the_same_name_in_two_places_is_none() -> None:
    assert parse_yaml("a: {x: 1}\nb: {x: 2}\nc: [{x: 1}, {x: 2}]") == {
        "a": {"x": 1}, "b": {"x": 2}, "c": [{"x": 1}, {"x": 2}],
    }  # fmt: skip
    assert parse_yaml("a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}")["b"] == {"k": 3, "l": 2}  # what a merge is for


def test_nothing_but_plain_types(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("a: !!python/object/apply:os.system ['true']")
    with pytest.raises(CalibrationError, match="not YAML"):
        load(tmp_path / "bad.yaml")

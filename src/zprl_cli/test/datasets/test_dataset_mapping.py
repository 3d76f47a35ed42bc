"""Mappings of a data set's columns: what they say, and why they cannot be used."""

from pathlib import Path

import pytest

from dataset_steps import LIFT
from zprl_cli.datasets.columns import Columns, Source, columns_from
from zprl_cli.datasets.dataset_mapping import DatasetMapping, load_dataset_mapping
from zprl_cli.datasets.rotation_form import RotationForm

STREAMS = "streams: {tool: obs/pos + obs/quat, width: 'obs/q[0]', cube: 'obs/object[0:7]'}\n"
TOOL = Source((Columns("obs/pos"), Columns("obs/quat")))


def load(folder: Path, text: str) -> DatasetMapping:
    (folder / "map.yaml").write_text(text)
    return load_dataset_mapping(folder / "map.yaml")


def test_columns_are_read_as_they_are_written() -> None:
    assert columns_from("obs/pos + obs/quat") == TOOL.columns
    assert columns_from("observation.state[3]") == (Columns("observation.state", 3, 4),)
    assert columns_from("a[0:3] + a[7:10]") == (Columns("a", 0, 3), Columns("a", 7, 10))
    assert str(Source((Columns("a", 0, 3), Columns("b", 2, 3), Columns("c")))) == "a[0:3] + b[2] + c"


@pytest.mark.parametrize("text", ["", "a[", "a[0:b]", "a + ", "a b", "a[-1]", "a+b", "a[3:3]"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no column"):
        columns_from(text)


def test_a_mapping_has_forms_and_units(tmp_path: Path) -> None:
    commands = "commands: {width: {columns: 'actions[6]', scale: -0.04, offset: 0.04}}\nbase: [0, 0.5, 1]\n"
    found = load(tmp_path, "like: lift\n" + STREAMS + commands + "rate_hz: 30\nclosed_below_m: 0.01\n")
    assert found.streams["tool"] == TOOL and found.streams["cube"].columns == (Columns("obs/object", 0, 7),)
    width = Source((Columns("actions", 6, 7),), RotationForm.QUATERNION, -0.04, 0.04)
    assert (found.commands, found.base, found.rate_hz) == ({"width": width}, (0.0, 0.5, 1.0), 30.0)
    found.check(LIFT.observation, LIFT.action)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has no settings"),
        ("like: lift\n", "streams is missing; zprl bags map drafts it"),
        ("like: lift\nstreams: {}\n", "streams is missing"),
        ("like: lift\nstreams: [a]\n", "streams must have columns for each stream"),
        ("like: lift\nstreams: {tool: ''}\n", "streams: tool: '' names no columns"),
        ("like: lift\nstreams: {tool: 3}\n", "streams: tool is 3; write its columns"),
        (
            "like: lift\nstreams: {tool: {columns: a, form: b}}\n",
            "streams: tool has no setting form; known are columns",
        ),
        ("like: lift\nstreams: {tool: {columns: a, rotation: euler}}\n", "rotation is euler; write quaternion, "),
        ("like: lift\nstreams: {tool: {columns: a, scale: wide}}\n", "streams: tool: scale is wide"),
        ("like: lift\nstreams: {tool: {columns: a, scale: .nan}}\n", "scale is nan; write a finite number"),
        ("like: lift\n" + STREAMS + "topics: {}\n", "there is no setting topics"),
        ("like: 3\n" + STREAMS, "like is 3; write it in quotes"),
        ("like: lift\n" + STREAMS + "obs: pixels\n", "obs is pixels; write state, images"),
        ("like: lift\n" + STREAMS + "base: 3\n", "base is 3; write its position"),
        ("like: lift\n" + STREAMS + "base: [1, 2]\n", "base is .*; write its position"),
        ("like: lift\n" + STREAMS + "rate_hz: -1\n", "rate_hz is -1.0; write the control steps"),
        ("like: lift\n" + STREAMS + "closed_below_m: 40\n", "closed_below_m is 40.0; write a width in meters"),
        ("like: [\n", "map.yaml cannot be used"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as error:
        load(tmp_path, text)
    assert "\n" not in str(error.value) and "map.yaml" in str(error.value)


def test_a_mapping_must_fit_the_specs() -> None:
    every = {name: Source((Columns("a", i, i + 1),)) for i, name in enumerate(("tool", "width", "cube"))}
    with pytest.raises(ValueError, match="streams lacks cube, which lift observes"):
        DatasetMapping("lift", {n: x for n, x in every.items() if n != "cube"}).check(LIFT.observation, LIFT.action)
    with pytest.raises(ValueError, match="streams has ball, which lift does not observe"):
        DatasetMapping("lift", {**every, "ball": every["cube"]}).check(LIFT.observation, LIFT.action)
    with pytest.raises(ValueError, match="commands has joints; known are tool, width"):
        DatasetMapping("lift", every, commands={"joints": every["tool"]}).check(LIFT.observation, LIFT.action)
    with pytest.raises(ValueError, match=r"streams has a\[0\] for two streams; each needs its own"):
        DatasetMapping("lift", {**every, "cube": every["tool"]}).check(LIFT.observation, LIFT.action)

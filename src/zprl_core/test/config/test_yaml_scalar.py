"""An unquoted value that YAML reads as something else is refused with what to write; 1e-4 is a number."""

import re

import pytest
import yaml

from zprl_core.config.yaml_file import Misread, parse_yaml


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("012345670123", "reads 012345670123 as an octal number; write '012345670123' with quotes for"),
        ("1:30", "reads 1:30 as a number of base 60"),
        ("190:20:30.15", "a number of base 60"),
        ("1_000", "a number without its underscores"),
        ("1_000.5", "a number without its underscores"),
        ("0x1F", "a hexadecimal number"),
        ("0b101", "a binary number"),
        ("2026-01-31", "reads 2026-01-31 as a date; write '2026-01-31' with quotes for a text$"),
    ],
)
def test_a_misread_value_is_refused_with_its_line(written: str, why: str) -> None:
    assert type(yaml.safe_load(written)) is not str  # otherwise nothing would be misread
    with pytest.raises(Misread, match=rf"^line 2: YAML {why}" if why.startswith("reads") else f"^line 2: .*{why}"):
        parse_yaml(f"a: 1\nb: {written}")
    assert parse_yaml(f"b: '{written}'") == {"b": written}


@pytest.mark.parametrize("written", ["1e-4", "1E5", "-1e+3", "2.e3", ".5e1", "5.0", "+7", "-3", "0", "0.0", ".inf"])
def test_a_number_is_what_is_written(written: str) -> None:
    (value,) = parse_yaml(f"a: {written}").values()
    assert type(value) in (int, float)
    assert value == float(written.replace(".inf", "inf"))


def test_text_stays_text() -> None:
    for text in ("front", "1e-4x", "e5", "1.2.3", "tcp://a:1", "_0123", "08", "0.1,0.2"):
        value = parse_yaml(f"a: {text}")["a"]
        assert value == text, re.escape(text)

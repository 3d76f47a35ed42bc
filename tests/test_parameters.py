"""Every parameter says what it is, and the page of parameters is up to date."""

import sys

import pytest

from source_files import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import parameters


@pytest.mark.parametrize("section", parameters.SECTIONS, ids=lambda section: section.title)
def test_each_parameter_has_a_text(section: parameters.Section) -> None:
    for settings in section.settings:
        assert [name for name, _, found in parameters.described(settings) if not found.text] == []


@pytest.mark.parametrize("section", parameters.SECTIONS, ids=lambda section: section.title)
def test_each_default_lies_within_its_range(section: parameters.Section) -> None:
    for settings in section.settings:
        for name, value, found in parameters.described(settings):
            assert found.range is None or value is None or value in found.range, name


def test_the_page_of_parameters_is_up_to_date() -> None:
    assert parameters.PAGE.read_text() == parameters.page(), "run python scripts/parameters.py"

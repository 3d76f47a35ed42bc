"""Recorders of the tests in this folder."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from recording import Recording


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Recording]]:
    made: list[Recording] = []

    def new(**settings: Any) -> Recording:
        made.append(Recording(tmp_path, **settings))
        return made[-1]

    yield new
    for recording in made:
        recording.recorder.close()

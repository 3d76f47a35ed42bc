"""Writes a data set of any format, episode by episode."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

from zprl_core.bags.bag_step import BagStep


class DatasetWriter(Protocol):
    """A `with` block; the data set is complete when it has ended without an error."""

    def __enter__(self) -> "DatasetWriter": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def add(self, steps: Sequence[BagStep], success: bool) -> None:
        """Writes an episode. Raises ValueError, before anything is written, when a number is not finite."""
        ...

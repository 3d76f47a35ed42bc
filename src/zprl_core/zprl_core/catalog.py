"""Values that installed packages register through Python entry points: tasks and robots.

Listing names loads no module of a package; taking a value loads its own module only.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, Protocol, TypeVar

from zprl_core.errors import quoted


class Named(Protocol):
    """A value that knows its own name."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


@dataclass(frozen=True)
class Source:
    """Where a value comes from: `package` is the installed distribution, `reference` is module:attribute."""

    name: str
    package: str
    reference: str

    def __str__(self) -> str:
        return f"{self.package} ({self.reference})"


@dataclass(frozen=True)
class Catalog(Generic[T]):
    """The values of one entry point group. `kind` imports their class, which listing names does not need."""

    group: str
    noun: str  # of messages: task, robot
    home: str  # our own package, whose values come first
    kind: Callable[[], type[T]]

    def sources(self) -> tuple[Source, ...]:
        """Every value that an installed package registers, our own first, then by package."""
        return _sources(self.group, self.home, tuple(sys.path))

    def names(self) -> tuple[str, ...]:
        """The names that may be given. Loads nothing."""
        return tuple(dict.fromkeys(source.name for source in self.sources()))

    def check(self, name: str) -> None:
        """Raises ValueError that lists the known names when there is none of that name. Loads nothing."""
        self._of(name)

    def named(self, name: str) -> T:
        """The value of that name. Raises ValueError: it is unknown, broken, or registered by two packages."""
        sources = self._of(name)
        if len(sources) > 1:
            by = " and by ".join(map(str, sources))
            raise ValueError(f"{self.noun} {name!r} is registered by {by}; rename one of them, or uninstall it")
        return self.load(sources[0])

    def load(self, source: Source) -> T:
        """Import the value. Raises ValueError that names value, package and cause when the package is broken."""
        what = f"{self.noun} {source.name!r} of {source}"
        kind = self.kind()
        try:
            value = EntryPoint(source.name, source.reference, self.group).load()
        except Exception as error:  # whatever the code of another package raises
            raise ValueError(
                f"{what} cannot be loaded ({type(error).__name__}: {quoted(error)}); mend or uninstall {source.package}"
            ) from error
        if not isinstance(value, kind):
            wanted = f"{kind.__module__.partition('.')[0]} {kind.__name__}"
            raise ValueError(f"{what} is a {type(value).__name__}; it must be a {wanted}")
        if value.name != source.name:
            raise ValueError(f"{what} calls itself {value.name!r}; give both the same name")
        return value

    def _of(self, name: str) -> Sequence[Source]:
        sources = [source for source in self.sources() if source.name == name]
        if not sources:
            none = f"none: the metadata of {self.home} is missing or old, run make build"
            known = ", ".join(self.names()) or none
            raise ValueError(f"unknown {self.noun} {name!r}; known {self.noun}s are {known}")
        return sources


@lru_cache(maxsize=16)
def _sources(group: str, home: str, path: tuple[str, ...]) -> tuple[Source, ...]:
    """What is registered on this sys.path: reading the metadata of every installed package takes a while."""
    found = [
        Source(entry.name, entry.dist.name if entry.dist else "an unknown package", entry.value)
        for entry in entry_points(group=group)
    ]
    return tuple(sorted(found, key=lambda source: (source.package.replace("-", "_") != home, source.package)))

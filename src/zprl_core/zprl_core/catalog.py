"""Values that installed packages register through Python entry points: tasks and robots.

Listing the names imports no registered module; loading a value imports only its own module.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, Protocol, TypeVar

from zprl_core.errors import quoted


class Named(Protocol):
    """A value with a name."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


@dataclass(frozen=True)
class Source:
    """The origin of a value: `package` is the installed distribution, `reference` is module:attribute."""

    name: str
    package: str
    reference: str

    def __str__(self) -> str:
        return f"{self.package} ({self.reference})"


@dataclass(frozen=True)
class Catalog(Generic[T]):
    """The values of one entry point group. `kind` imports their class; listing the names does not call it."""

    group: str
    noun: str  # used in messages: task, robot
    home: str  # the package of zprl whose values come first
    kind: Callable[[], type[T]]

    def sources(self) -> tuple[Source, ...]:
        """Returns every value that an installed package registers: zprl's own first, then by package name."""
        return _sources(self.group, self.home, tuple(sys.path))

    def names(self) -> tuple[str, ...]:
        """Returns the registered names without importing anything."""
        return tuple(dict.fromkeys(source.name for source in self.sources()))

    def check(self, name: str) -> None:
        """Raises ValueError listing the known names when `name` is unknown. Imports nothing."""
        self._of(name)

    def named(self, name: str) -> T:
        """Returns the value of that name. Raises ValueError if it is unknown, broken, or registered by two packages."""
        sources = self._of(name)
        if len(sources) > 1:
            by = " and by ".join(map(str, sources))
            raise ValueError(f"{self.noun} {name!r} is registered by {by}; rename one of them, or uninstall it")
        return self.load(sources[0])

    def load(self, source: Source) -> T:
        """Imports the value. Raises ValueError naming value, package and cause on failure."""
        what = f"{self.noun} {source.name!r} of {source}"
        kind = self.kind()
        try:
            value = EntryPoint(source.name, source.reference, self.group).load()
        except Exception as error:  # code of another package may raise anything
            raise ValueError(
                f"{what} cannot be loaded ({type(error).__name__}: {quoted(error)}); fix or uninstall {source.package}"
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
    """Returns what is registered on this sys.path; cached, because reading all package metadata is slow."""
    found = [
        Source(entry.name, entry.dist.name if entry.dist else "an unknown package", entry.value)
        for entry in entry_points(group=group)
    ]
    return tuple(sorted(found, key=lambda source: (source.package.replace("-", "_") != home, source.package)))

"""A mapping in which some values are made at their first access."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class LazyMapping(Mapping[str, T]):
    """Has the values of `ready`, and those of `makers`, each made at its first access and then kept.

    Iterating over the names or testing one makes nothing. A maker may raise an error when it is called too late.
    """

    def __init__(self, ready: Mapping[str, T], makers: Mapping[str, Callable[[], T]]):
        self.ready, self._makers = ready, makers
        self._made: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name in self.ready:
            return self.ready[name]
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self.ready or name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter((*self.ready, *self._makers))

    def __len__(self) -> int:
        return len(self.ready) + len(self._makers)


def ready_part(values: Mapping[str, T]) -> Mapping[str, T]:
    """Returns the values that need not be made."""
    return values.ready if isinstance(values, LazyMapping) else values

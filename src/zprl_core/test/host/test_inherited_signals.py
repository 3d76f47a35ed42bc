"""A program keeps ignoring what its caller ignored."""

import signal
from collections.abc import Iterator

import pytest

from zprl_core.host.inherited_signals import heeded

ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def restored() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in ALL}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        ((), ALL),
        ((signal.SIGHUP,), (signal.SIGINT, signal.SIGTERM)),  # nohup
        ((signal.SIGINT,), (signal.SIGTERM, signal.SIGHUP)),  # a script's background
        (ALL, (signal.SIGTERM,)),
    ],
)
@pytest.mark.usefixtures("restored")
def test_ignored_signals_stay_ignored(ignored: tuple[signal.Signals, ...], left: tuple[signal.Signals, ...]) -> None:
    for number in ALL:
        signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
    assert heeded(*ALL) == left

"""A signal in a block waits for its end."""

import contextlib
import os
import signal
from collections.abc import Iterator

import pytest

from zprl_core.host.deferred_signals import deferred_signals


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_block_is_finished_and_then_left(number: signal.Signals) -> None:
    signal.signal(number, signal.default_int_handler)
    done = []
    with pytest.raises(KeyboardInterrupt):
        with deferred_signals():
            os.kill(os.getpid(), number)
            done.append("block")
        done.append("after")
    assert done == ["block"] and signal.getsignal(number) is signal.default_int_handler


def test_an_error_of_the_block_is_raised_and_the_handlers_are_back() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(ZeroDivisionError), deferred_signals():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_of_the_block_does_not_hide_a_signal() -> None:
    """Who handles the error and goes on must still be stopped."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt) as stopped, contextlib.suppress(ZeroDivisionError), deferred_signals():
        os.kill(os.getpid(), signal.SIGINT)
        raise ZeroDivisionError
    assert isinstance(stopped.value.__context__, ZeroDivisionError)


def test_an_ignored_signal_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with deferred_signals():
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN

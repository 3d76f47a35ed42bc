"""Defers the signals that end a program to the end of a block that must not be left half done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def deferred_signals() -> Iterator[None]:
    """Call the handler of the first signal that arrives in the block at its end, also when the block raises an error.

    Signals that are ignored or have the default action keep that. Does nothing outside the main thread, which runs
    no handlers. A mask would not do: with other threads, Linux gives the signal to one that does not block it, and
    Python then runs the handler in the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in ENDING}
    handlers = {number: handler for number, handler in handlers.items() if callable(handler)}
    arrived: list[tuple[int, FrameType | None]] = []
    for number in handlers:
        signal.signal(number, lambda got, frame: arrived.append((got, frame)))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for got, frame in arrived[:1]:
            handler = handlers[signal.Signals(got)]
            assert callable(handler)
            handler(got, frame)

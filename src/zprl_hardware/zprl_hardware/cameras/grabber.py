"""Keeps a camera open on a thread and provides its newest frame."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zprl_hardware.cameras.camera import (
    CameraLost,
    CameraRefused,
    CameraSettings,
    Frame,
    Optics,
    Rate,
    Retry,
    Source,
    Stillness,
)

IDLE_S = 0.05  # between two checks whether reopening is due
RATE_S, RATE_FRAMES = 5.0, 10  # measuring window, and its smallest number of frames
SLOW_STOPS = "no interlock, as only a policy that sees images would rely on them: the arm goes on"
SLOW, FAST = 0.8, 0.9  # fractions of `fps`: slow below the first, until above the second


@dataclass(frozen=True)
class Health:
    """Health of a camera. `problem` is "" while live frames arrive; then `slow` reports a low rate."""

    problem: str
    slow: str
    rate_hz: float
    age_s: float  # since the newest live frame; infinite before the first
    frozen: bool
    frames: int
    reconnects: int

    @property
    def trouble(self) -> str:
        """The problem to report; "" when there is none."""
        return self.problem or self.slow


class Grabber:
    """Grabs frames: `turn` does one step, `start` runs it on a thread, `wait` returns each frame once."""

    def __init__(
        self,
        source: Source,
        settings: CameraSettings,
        clock: Callable[[], float] = time.monotonic,
        wall_ns: Callable[[], int] = time.time_ns,
    ):
        self.source, self.clock, self.wall_ns = source, clock, wall_ns
        self._shape = (settings.height, settings.width, 3)
        self.fps, self.lost_s, self.late_s = settings.fps, settings.lost_s, settings.late_s
        self.optics = Optics()
        self.refused = ""  # why the parameters cannot be met; reopening would not help
        self._still = Stillness(settings.frozen_s)
        self._retry = Retry(settings.retry_s, settings.retry_max_s)
        self._rate = Rate(max(RATE_S, RATE_FRAMES / settings.fps))
        self._open = False
        self._problem = "the camera has not been opened yet"
        self._frozen = self._slow = False
        self._frames = self._opened = 0
        self._heard_s = self._opened_s = self._live_s = float("-inf")
        self._newest: Frame | None = None
        self._fresh = threading.Condition()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start grabbing on a thread."""
        self._thread = threading.Thread(target=self._loop, name="grab", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop the thread and release the camera."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def wait(self, timeout_s: float) -> Frame | None:
        """Wait for the newest frame that was not returned yet; None if none arrives in time."""
        with self._fresh:
            self._fresh.wait_for(lambda: self._newest is not None, timeout_s)
            frame, self._newest = self._newest, None
            return frame

    def health(self) -> Health:
        """The camera's health. Callable from any thread."""
        now = self.clock()
        silent = f"no image for more than {self.lost_s:g} s: the camera or its driver hangs"
        slow = f"too few images: less than {SLOW:.0%} of {self.fps} Hz; {SLOW_STOPS}"
        return Health(
            problem=self.refused or self._problem or (silent if now - self._live_s > self.lost_s else ""),
            slow=slow if self._slow else "",
            rate_hz=self._rate.hz(now),
            age_s=now - self._live_s,
            frozen=self._frozen,
            frames=self._frames,
            reconnects=max(0, self._opened - 1),
        )

    def turn(self) -> bool:
        """Open the camera if due, or read one frame. False if there is nothing to do yet."""
        now = self.clock()
        if not self._open and (self.refused or not self._retry.due(now)):
            return False
        try:
            if not self._open:
                self._begin()
            self._take(self.source.read())
        except CameraRefused as error:
            # The camera has worked with these settings: it is on a slower port now, or has a second one beside it.
            self.refused = "" if self._opened else str(error)
            self._end(str(error))
        except CameraLost as error:
            self._end(str(error))
        except Exception as error:  # a driver error: the thread must survive and report it
            self._end(f"the driver failed: {type(error).__name__}: {error}")
        return True

    def _begin(self) -> None:
        self.source.open()
        self.optics = self.source.optics()
        self._open, self._heard_s = True, self.clock()
        self._opened_s = self._heard_s
        self._opened += 1

    def _take(self, frame: Frame | None) -> None:
        now = self.clock()
        if frame is None:
            if now - self._heard_s >= self.lost_s:
                raise CameraLost(f"no frame for {self.lost_s:g} s; reopening the camera")
            return
        self._heard_s = now
        if frame.color.shape != self._shape or frame.color.dtype != np.uint8:
            raise CameraRefused(self._other(frame))
        self._problem = self._not_live(frame, now)
        if self._problem:
            if self._frozen and now - self._opened_s >= self._still.frozen_s:
                raise CameraLost(self._problem)  # right after opening, images get time to change
            return
        self._live_s = now
        self._frames += 1
        self._retry.lives()
        self._count(now)
        with self._fresh:
            self._newest = frame
            self._fresh.notify_all()

    def _other(self, frame: Frame) -> str:
        """The reason to refuse a frame that is not what was requested."""
        height, width, channels = (*frame.color.shape, 1)[:3]
        return (
            f"requested color images of {self._shape[1]}x{self._shape[0]} px, the camera delivers {width}x{height} "
            f"with {channels} channels of {frame.color.dtype}; set width and height to what it delivers"
        )

    def _not_live(self, frame: Frame, now: float) -> str:
        """The reason why the frame is not live; "" if it is."""
        self._frozen = self._still.frozen(frame.color, now)
        if self._frozen:
            seconds = f"{self._still.frozen_s:g} s"
            return f"identical images for more than {seconds}: the camera hangs, or its lens is covered"
        if self.late_s and self.wall_ns() - frame.stamp_ns > 1e9 * self.late_s:
            seconds = f"{self.late_s:g} s"
            return f"images are more than {seconds} old on arrival: the camera lags, or stamps by another clock"
        return ""

    def _count(self, now: float) -> None:
        """Update whether the rate is too low, except in the first seconds, while the exposure settles."""
        self._rate.tick(now)
        settled = now - self._opened_s >= self._rate.window_s
        self._slow = settled and self._rate.hz(now) < (FAST if self._slow else SLOW) * self.fps

    def _end(self, why: str) -> None:
        self.source.close()
        self._open, self._slow, self._problem = False, False, why
        self._retry.failed(self.clock())

    def _loop(self) -> None:
        try:
            while not self._stop.is_set():
                if not self.turn():
                    self._stop.wait(IDLE_S)
        finally:
            self.source.close()

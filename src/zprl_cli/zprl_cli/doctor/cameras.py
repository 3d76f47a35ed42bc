"""Lists connected cameras, and checks rate, stamps and skew of the chosen ones."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median

from zprl_cli.doctor.check import Finding, fail, ok, skipped, warn
from zprl_hardware.cameras.calibration_file import CalibrationError, load_calibration
from zprl_hardware.cameras.camera import CameraSettings, Source
from zprl_hardware.cameras.factory import make_source
from zprl_hardware.cameras.grabber import Grabber
from zprl_hardware.cameras.probe import RealSenseThere, VideoThere, realsenses, videos

THERE, SKEW = "cameras", "camera skew"
WARM_UP_S, WATCH_S = 1.0, 3.0  # exposure settles; then frames are counted
OPEN_S = 6.0  # deadline for the first frame
LOST_S = 1.0
GOOD, POOR = 0.95, 0.8  # fractions of the requested rate
EARLY_MS, LATE_MS = -5.0, 100.0  # age on arrival beyond which a stamp is from another clock
CONTROL_MS = 50.0
RATE_REMEDY = "give it a USB 3 port of its own (lsusb -t), more light or a fixed exposure, or request smaller images"


@dataclass(frozen=True)
class Stream:
    """The frames of one camera during the measurement. Times are of the wall clock."""

    name: str
    wanted_hz: float
    stamps_ns: tuple[int, ...] = ()
    arrivals_ns: tuple[int, ...] = ()
    problem: str = ""


def parse(text: str, fps: int, size: tuple[int, int]) -> CameraSettings:
    """Parse NAME=SERIAL of a RealSense, NAME=/dev/... or NAME=<video file>. Raises ValueError."""
    name, equals, which = text.partition("=")
    if not equals or not name or not which:
        raise ValueError(f"--cameras takes NAME=SERIAL or NAME=/dev/videoN, not {text!r}")
    serial, device = (which, "") if which.removeprefix("_").isalnum() else ("", which)
    return CameraSettings(name, serial, device, width=size[0], height=size[1], fps=fps, lost_s=LOST_S)


def look_there() -> Iterator[Finding]:
    """Check the connected cameras."""
    try:
        senses = realsenses()
    except ImportError as error:
        yield warn(THERE, f"pyrealsense2 does not load: {error}", "make build; sudo apt install libusb-1.0-0")
        senses = []
    yield from judge_there(senses, videos())


def look_streams(cameras: Sequence[CameraSettings]) -> Iterator[Finding]:
    """Check the streams of all cameras at once, as in a run."""
    for camera in cameras:
        yield from judge_calibration(camera)
    streams = watch(cameras)
    for stream in streams:
        yield judge_stream(stream)
    for a, b in combinations([stream for stream in streams if len(stream.stamps_ns) > 1], 2):
        yield judge_skew(f"{a.name}, {b.name}", skew_ms(a.stamps_ns, b.stamps_ns), 1e3 / min(a.wanted_hz, b.wanted_hz))


def judge_calibration(camera: CameraSettings) -> Iterator[Finding]:
    """Check the camera's calibration file, without which its node would not start."""
    try:
        load_calibration(camera)
    except CalibrationError as error:
        remedy = "make it (docs/how-to/cameras.md), name the right one in the station, or omit calibration"
        yield fail(f"calibration {camera.name}", str(error), remedy)


def judge_there(senses: Sequence[RealSenseThere], devices: Sequence[VideoThere]) -> Iterator[Finding]:
    """Judge each connected camera."""
    for there in senses:
        found = f"{there.model}, serial {there.serial}, USB {there.usb or 'unknown'}"
        slow = there.usb.startswith(("1", "2"))
        yield warn(THERE, found, "USB 2 is too slow: use a USB 3 port and cable") if slow else ok(THERE, found)
    for device in devices:
        found = f"{device.path}, {device.model}"
        denied = f"{found}: permission denied"
        yield ok(THERE, found) if device.readable else warn(THERE, denied, "sudo usermod -aG video $USER, log in again")
    if not senses and not devices:
        yield skipped(THERE, "no RealSense and no /dev/video* found")


def judge_stream(stream: Stream) -> Finding:
    """Judge delivery, rate and age of one camera."""
    name = f"camera {stream.name}"
    if stream.problem:
        return fail(name, stream.problem, "see docs/how-to/cameras.md; only one program may have a camera open")
    finding = judge_rate(stream.wanted_hz, rate_hz(stream.arrivals_ns), name)
    age = median([(a - s) / 1e6 for s, a in zip(stream.stamps_ns, stream.arrivals_ns, strict=True)])
    found = f"{finding.found}, {age:.0f} ms old on arrival"
    if EARLY_MS <= age <= LATE_MS:
        return replace(finding, found=found)
    remedy = "its stamps are from another clock: set global_time_enabled, or update its firmware"
    return fail(name, found, remedy if not finding.remedy else f"{remedy}; {finding.remedy}")


def judge_rate(wanted: float, measured: float, name: str = "camera") -> Finding:
    """Judge a measured rate [Hz]."""
    found = f"{measured:.1f} of {wanted:g} Hz"
    if measured >= GOOD * wanted:
        return ok(name, found)
    return (warn if measured >= POOR * wanted else fail)(name, found, RATE_REMEDY)


def judge_skew(names: str, skew: float | None, period_ms: float) -> Finding:
    """Judge the skew [ms] of two cameras. Free-running ones differ by half a period at most; more is a clock error."""
    if skew is None:
        return fail(
            SKEW, f"{names}: their stamps never overlap", "one of them has another clock; see its finding above"
        )
    found = f"{names}: {skew:.1f} ms between matching frames (median)"
    if skew <= period_ms / 2 + 2.0:
        return ok(SKEW, found)
    return (warn if skew <= CONTROL_MS else fail)(SKEW, found, RATE_REMEDY)


def rate_hz(times_ns: Sequence[int]) -> float:
    """Frame rate [Hz]; 0 for fewer than two frames."""
    span = times_ns[-1] - times_ns[0] if len(times_ns) > 1 else 0
    return 1e9 * (len(times_ns) - 1) / span if span > 0 else 0.0


def skew_ms(a_ns: Sequence[int], b_ns: Sequence[int]) -> float | None:
    """Median distance [ms] between nearest frames of two cameras while both run; None if they never do."""
    low, high = max(a_ns[0], b_ns[0]), min(a_ns[-1], b_ns[-1])
    distances = [min(abs(stamp - other) for other in b_ns) / 1e6 for stamp in a_ns if low <= stamp <= high]
    return median(distances) if distances else None


def watch(
    cameras: Sequence[CameraSettings], seconds: float = WATCH_S, make: Callable[[CameraSettings], Source] = make_source
) -> list[Stream]:
    """Watch each camera on threads of its own, as its node would grab it."""
    streams: list[Stream] = [Stream(camera.name, camera.fps, problem="it was not watched") for camera in cameras]

    def run(index: int) -> None:
        try:
            streams[index] = _watched(cameras[index], seconds, make)
        except Exception as error:  # an error of one driver: keep watching the other cameras
            streams[index] = replace(streams[index], problem=f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(len(cameras))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return streams


def _watched(camera: CameraSettings, seconds: float, make: Callable[[CameraSettings], Source]) -> Stream:
    grabber = Grabber(make(camera), camera)
    grabber.start()
    try:
        first = _first(grabber)
        if not first:
            return Stream(camera.name, camera.fps, problem=grabber.health().problem or "no frame received")
        stamps, arrivals = [], []
        counted = time.monotonic() + min(WARM_UP_S, seconds)
        end = counted + seconds
        while time.monotonic() < end:
            frame = grabber.wait(0.1)
            if frame is not None and time.monotonic() >= counted:
                stamps.append(frame.stamp_ns)
                arrivals.append(time.time_ns())
        problem = grabber.health().problem or ("" if stamps else "only one frame received")
        return Stream(camera.name, camera.fps, tuple(stamps), tuple(arrivals), problem)
    finally:
        grabber.stop()


def _first(grabber: Grabber) -> bool:
    end = time.monotonic() + OPEN_S
    while time.monotonic() < end and not grabber.refused:
        if grabber.wait(0.1) is not None:
            return True
    return False

"""What the doctor makes of readings, with numbers worked out by hand; its page, its limits, its flags."""

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from zprl_cli.doctor import arm, cameras, clock, disk, machine, realtime
from zprl_cli.doctor.arm import Reach, Trouble
from zprl_cli.doctor.check import Check, Finding, Verdict, examine, exit_code, fail, ok, skip, skipped, warn
from zprl_cli.doctor.doctor import visit
from zprl_cli.doctor.page import Page, lines, open_json, summary, write_json
from zprl_hardware.cameras.probe import RealSenseThere, VideoThere
from zprl_hardware.franka.probe import ArmReading, GripperReading

OK, WARN, FAIL, SKIPPED = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED
GIB, MIB = 2**30, 2**20


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_is_not_green_has_a_remedy() -> None:
    for verdict in (WARN, FAIL):
        with pytest.raises(ValueError, match="needs a remedy"):
            Finding("disk", verdict, "full")
    with pytest.raises(ValueError, match="a name and a text"):
        Finding("disk", OK, "")


def test_only_red_blocks() -> None:
    assert exit_code([ok("a", "x"), warn("b", "x", "y"), skipped("c", "x")]) == 0
    assert exit_code([ok("a", "x"), fail("b", "x", "y")]) == 1


def test_a_check_that_breaks_off_keeps_what_it_found_and_stops_nobody() -> None:
    def look() -> Iterator[Finding]:
        yield ok("one", "fine")
        raise KeyError("serial")

    out = io.StringIO()
    findings, ended = visit([Check("broken", look), Check("next", lambda: [ok("two", "fine")])], Page(out, {}))
    assert [f.name for f in findings] == ["one", "broken", "two"] and ended
    assert findings[1].verdict == FAIL and "KeyError" in findings[1].found


def test_a_check_that_hangs_is_red_after_its_limit() -> None:
    release = threading.Event()

    def look() -> Iterator[Finding]:
        yield ok("one", "fine")
        release.wait(60)

    found, ended = examine(Check("driver", look, limit_s=0.05, remedy="pull the cable"))
    release.set()
    assert not ended and [f.verdict for f in found] == [OK, FAIL]
    assert found[1].found == "no answer within 0.05 s" and found[1].remedy == "pull the cable"


def test_the_page_is_aligned_and_has_colours_only_where_a_person_watches() -> None:
    finding = fail("disk", "0.1 GB free", "free some space")
    assert lines(finding) == ["FAIL  disk            0.1 GB free", " " * 22 + "-> free some space"]
    assert lines(warn("x", "a " * 60, "b"), width=60)[1].startswith(" " * 22 + "a")
    assert lines(ok("x", "differ:\n  a  1  2"))[1] == " " * 22 + "  a  1  2"  # a table keeps its columns
    for env, live in (({}, True), ({"NO_COLOR": "1"}, False)):
        out = Terminal()
        visit([Check("disk", lambda: [finding])], Page(out, env))
        assert ("\033[31mFAIL" in out.getvalue()) is live and "1/1  disk ..." in out.getvalue()
    out = io.StringIO()
    visit([Check("disk", lambda: [finding]), skip("arm", "none")], Page(out, {}))
    assert "\033" not in out.getvalue() and "..." not in out.getvalue()
    assert out.getvalue().endswith("\nnot ready: 0 green, 0 yellow, 1 red, 1 not needed\n")


def test_the_sum_and_the_file_for_scripts(tmp_path: Path) -> None:
    findings = [ok("a", "x"), warn("b", "y", "z")]
    assert summary(findings) == "ready: 1 green, 1 yellow, 0 red, 0 not needed"
    (tmp_path / "d.json").write_text("what an earlier look found")
    file = open_json(tmp_path / "d.json")
    assert (tmp_path / "d.json").read_text() == ""
    write_json(file, "sim", findings)
    page = json.loads((tmp_path / "d.json").read_text())
    assert page["robot"] == "sim" and page["exit_code"] == 0
    assert page["findings"][1] == {"name": "b", "verdict": "warn", "found": "y", "remedy": "z"}
    with pytest.raises(ValueError, match="choose another file"):
        open_json(tmp_path)
    with pytest.raises(ValueError, match="No such file"):
        open_json(tmp_path / "none" / "d.json")


@pytest.mark.parametrize(("measured", "verdict"), [(30.0, OK), (28.5, OK), (28.4, WARN), (24.1, WARN), (23.9, FAIL)])
def test_rate(measured: float, verdict: Verdict) -> None:
    """95 % of 30 Hz are 28.5, 80 % are 24."""
    finding = cameras.judge_rate(wanted=30, measured=measured)
    assert finding.verdict == verdict and finding.found == f"{measured:.1f} of 30 Hz"


def test_rate_and_skew_of_stamps() -> None:
    """Four frames in 0.1 s are 3 periods: 30 Hz. The second camera is 10 ms behind, and starts a frame later."""
    first = [0, 33_333_333, 66_666_667, 100_000_000]
    second = [stamp + 10_000_000 for stamp in first[1:]]
    assert cameras.rate_hz(first) == pytest.approx(30.0)
    assert cameras.rate_hz([5]) == 0.0
    assert cameras.skew_ms(first, second) == pytest.approx(10.0)
    assert cameras.skew_ms(first, [stamp + 10**9 for stamp in first]) is None


@pytest.mark.parametrize(("skew", "verdict"), [(10.0, OK), (18.6, OK), (19.0, WARN), (51.0, FAIL), (None, FAIL)])
def test_skew(skew: float | None, verdict: Verdict) -> None:
    """Half a period of 30 Hz is 16.7 ms, and 2 ms are for the reading."""
    assert cameras.judge_skew("front, wrist", skew, 1e3 / 30).verdict == verdict


def test_stamps_of_another_clock_are_red() -> None:
    arrivals = tuple(range(0, 10**9, 33_333_333))
    for late_ms, verdict in ((20, OK), (200, FAIL), (-20, FAIL)):
        stamps = tuple(arrival - late_ms * 10**6 for arrival in arrivals)
        finding = cameras.judge_stream(cameras.Stream("front", 30.0, stamps, arrivals))
        assert finding.verdict == verdict and f"{late_ms} ms old" in finding.found


def test_cameras_that_are_there() -> None:
    fast, slow = RealSenseThere("123", "D435", "3.2"), RealSenseThere("124", "D435", "2.1")
    usb, denied = VideoThere("/dev/video0", "C920", True), VideoThere("/dev/video2", "C920", False)
    found = list(cameras.judge_there([fast, slow], [usb, denied]))
    assert [f.verdict for f in found] == [OK, WARN, OK, WARN]
    assert "USB 3" in found[1].remedy and "group" not in found[2].found and "video" in found[3].remedy
    assert [f.verdict for f in cameras.judge_there([], [])] == [SKIPPED]


def test_cameras_are_asked_for_by_name() -> None:
    serial = cameras.parse("front=_0123", 30, (640, 480))
    device = cameras.parse("wrist=/dev/video2", 15, (320, 240))
    assert (serial.serial, serial.device, serial.fps) == ("_0123", "", 30)
    assert (device.name, device.device, device.width, device.fps) == ("wrist", "/dev/video2", 320, 15)
    for wrong in ("front", "=1", "front="):
        with pytest.raises(ValueError, match="NAME=SERIAL"):
            cameras.parse(wrong, 30, (640, 480))


@pytest.mark.parametrize(
    ("reach", "verdict", "remedy"),
    [
        (Reach(0.3), OK, ""),
        (Reach(4.0), WARN, "direct cable"),
        (Reach(trouble=Trouble.REFUSED), FAIL, "activate FCI"),
        (Reach(trouble=Trouble.SILENT), FAIL, "ping 10.0.0.1"),
        (Reach(trouble=Trouble.UNKNOWN), FAIL, "--hostname"),
        (Reach(trouble=Trouble.NO_WAY), FAIL, "ip addr"),
    ],
)
def test_reach(reach: Reach, verdict: Verdict, remedy: str) -> None:
    finding = arm.judge_reach("10.0.0.1", reach)
    assert finding.verdict == verdict and remedy in finding.remedy


def test_the_port_of_a_simulated_arm_should_be_free() -> None:
    verdicts = [arm.judge_simulated("127.0.0.1", r).verdict for r in (Reach(trouble=Trouble.REFUSED), Reach(1.0))]
    assert verdicts == [OK, WARN]


@pytest.mark.parametrize(
    ("libfranka", "server"),
    [("0.21.2", "10"), ("0.18.0", "10"), ("0.15.0", "9"), ("0.9.2", "5"), ("0.2.0", "unknown"), ("unknown", "unknown")],
)
def test_the_server_version_that_a_libfranka_speaks(libfranka: str, server: str) -> None:
    assert arm.speaks(libfranka) == server


def test_states_of_an_arm() -> None:
    for mode, errors, verdict in (
        ("Idle", (), OK), ("Idle", ("joint_reflex",), WARN), ("Reflex", ("joint_reflex",), WARN),
        ("UserStopped", (), FAIL), ("Move", (), FAIL), ("Other", (), FAIL),
    ):  # fmt: skip
        finding = arm.judge_state(ArmReading("2.0.0", "0.21.2", mode, errors))
        assert finding.verdict == verdict and all(error in finding.found for error in errors)


def test_an_older_arm_is_told_its_wheel() -> None:
    text = "libfranka: Incompatible library version (server version: 5, library version: 10)."
    finding = arm.judge_state(ArmReading("2.0.0", "0.21.2", trouble=text))
    assert finding.verdict == FAIL and "Panda with system 4.2.1" in finding.found
    assert "server version 5 (libfranka 0.9.1" in finding.remedy


def test_gripper() -> None:
    """1 mm short is near enough, 5 mm are not."""
    for reached, verdict in ((0.069, OK), (0.075, FAIL)):
        assert arm.judge_gripper(GripperReading(0.08, 0.07, reached, 0.08, 0.2, 0.2)).verdict == verdict
    assert arm.judge_gripper(GripperReading(0.03, trouble="it holds something")).verdict == FAIL


@pytest.mark.parametrize(
    ("flag", "version", "verdict"),
    [
        ("1", "#1 SMP PREEMPT_RT", OK),
        (None, "#1 SMP PREEMPT_RT Debian 6.12", FAIL),  # libfranka asks for the flag
        (None, "#1 SMP PREEMPT_DYNAMIC", FAIL),
        ("0", "#1 SMP", FAIL),
    ],
)
def test_kernel(flag: str | None, version: str, verdict: Verdict) -> None:
    finding = realtime.judge_kernel(realtime.Kernel("6.12", version, flag))
    assert finding.verdict == verdict
    assert ("/sys/kernel/realtime" in finding.found) is (flag is None and "PREEMPT_RT" in version)


def test_priority_and_governors(tmp_path: Path) -> None:
    assert realtime.judge_rtprio(True, 0).verdict == OK
    assert "limits.d" in realtime.judge_rtprio(False, 20).remedy
    for number, name in enumerate(("performance", "powersave", "powersave")):
        path = tmp_path / f"cpu{number}" / "cpufreq"
        path.mkdir(parents=True)
        (path / "scaling_governor").write_text(f"{name}\n")
    found = realtime.read_governors(tmp_path)
    assert found == {"performance": 1, "powersave": 2}
    assert [realtime.judge_governors(g).verdict for g in (found, {"performance": 4}, {})] == [WARN, OK, SKIPPED]


def test_clock() -> None:
    """A clock that drifts by 0.5 ms a reading is slewed; one that leaps by 3 ms, or by 60, is stepped."""
    for offsets, verdict in (([0.0, 0.5, 1.0], OK), ([0.0, 3.0, 3.0], WARN), ([0.0, -60.0], FAIL), ([0.0], WARN)):
        assert clock.judge_steps(offsets).verdict == verdict
    for sync, verdict in (((True, 5.0), OK), ((True, 150.0), WARN), ((False, 5.0), WARN)):
        assert clock.judge_sync(clock.Sync(*sync)).verdict == verdict


def test_disk(tmp_path: Path) -> None:
    for free, verdict in ((50e9, OK), (5e9, WARN), (0.5e9, FAIL)):
        assert disk.judge_space(tmp_path, free, "ext4").verdict == verdict
    assert "tmpfs" in disk.judge_space(tmp_path, 50e9, "tmpfs").found
    for times, verdict in (([1.0, 2.0, 90.0], OK), ([20.0] * 3, WARN), ([60.0] * 3, FAIL)):
        assert disk.judge_writes(times).verdict == verdict
    assert disk.existing(tmp_path / "a" / "b") == tmp_path
    mounts = "/dev/sda / ext4 rw\ntmpfs /run tmpfs rw\n"
    assert [disk.kind_of(Path(p), mounts) for p in ("/run/x", "/runs")] == ["tmpfs", "ext4"]
    assert [f.verdict for f in disk.look(tmp_path / "a")][1] in (OK, WARN, FAIL)
    assert list(tmp_path.iterdir()) == []  # nothing is left, and --runs is not made


def test_memory_and_gpu() -> None:
    assert machine.available("MemTotal: 8 kB\nMemAvailable:   2048 kB\n") == 2 * MIB
    assert [machine.judge_memory(n * GIB).verdict for n in (4, 3, 1)] == [OK, WARN, FAIL]
    assert [machine.judge_shared(n * MIB).verdict for n in (256, 64, 63)] == [OK, WARN, FAIL]  # 8 and 2 of 32 MiB
    assert [machine.judge_shared(n * MIB, [GIB]).verdict for n in (256, 63)] == [WARN, FAIL]
    assert "other users" not in machine.judge_shared(GIB, [GIB]).remedy
    assert machine.judge_shared(GIB, [MIB], [GIB]).remedy.startswith("1024 MiB are of other users: ask them")
    for gpu, verdict in (
        (("H100", "13.0", True, 8 * GIB, 80 * GIB), OK),
        (("", "", False), WARN),
        (("", "13.0", True), WARN),
    ):
        assert machine.judge_gpu(machine.Gpu(*gpu)).verdict == verdict

"""What the doctor finds between two machines."""

import socket
import threading
from collections.abc import Iterator

import pytest

from zprl_cli.doctor.check import Verdict
from zprl_cli.doctor.doctor import Doctor, listen
from zprl_cli.doctor.peer import check, datagram
from zprl_cli.doctor.peer.check import judge_clock, judge_loss, judge_rate, judge_round_trip, look
from zprl_cli.doctor.peer.datagram import Echo, answer, echo, question
from zprl_cli.doctor.peer.probe import Link, measure
from zprl_cli.doctor.peer.responder import responder

MS = 10**6


def echoed(round_trip_ms: float, ahead_ms: float = 0.0, number: int = 0) -> Echo:
    """An answer whose two ways take equally long."""
    there = round(MS * (round_trip_ms / 2 + ahead_ms))
    return Echo(number, 0, there, there + 3 * MS, round(MS * round_trip_ms) + 3 * MS)


@pytest.fixture
def port() -> Iterator[int]:
    """Of a responder on this machine."""
    for _ in range(20):
        try:
            with responder(0, "127.0.0.1") as made:
                yield made
        except OSError:  # another program has the UDP port of this number
            continue
        return


def test_a_machine_that_listens_is_measured(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "measure", lambda host, port: measure(host, port, send_s=0.1))
    found = {finding.name: finding for finding in look("127.0.0.1", port)}
    assert list(found) == ["peer", "peer: loss", "peer: rate", "peer: clock"]
    assert found["peer: clock"].verdict == Verdict.OK and found["peer"].found.startswith("127.0.0.1 answers after")
    assert "of 200 datagrams of one frame" in found["peer: loss"].found and "MB/s" in found["peer: rate"].found


def test_a_machine_that_does_not_listen_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        (finding,) = look("127.0.0.1", taken.getsockname()[1])
    assert finding.verdict == Verdict.FAIL and "zprl doctor --listen" in finding.remedy
    (finding,) = look("no-such-machine.invalid")
    assert finding.verdict == Verdict.FAIL and "no-such-machine.invalid" in finding.found


def test_an_answer_carries_four_stamps() -> None:
    asked = question(7, 100, 1400)
    answered = answer(asked, 250, 260)
    assert answered is not None and len(answered) == len(asked) == 1400
    found = echo(answered, 420)
    assert found == Echo(7, 100, 250, 260, 420)
    assert (found.round_trip_ms, found.ahead_ms) == pytest.approx((310e-6, -5e-6))
    assert len(question(7, 100, 0)) == datagram.ANSWERED.size


@pytest.mark.parametrize("data", [b"", b"zprl", b"x" * 1400, bytes(32)])
def test_what_is_no_probe_is_not_answered(data: bytes) -> None:
    assert answer(data, 0, 0) is None and echo(data, 0) is None


@pytest.mark.parametrize(("round_trip_ms", "verdict"), [(0.4, Verdict.OK), (51.0, Verdict.WARN), (501.0, Verdict.FAIL)])
def test_round_trips_are_judged_by_the_slowest(round_trip_ms: float, verdict: Verdict) -> None:
    quick = [echoed(0.3, number=i) for i in range(50)]
    finding = judge_round_trip("lab", [*quick, *(echoed(round_trip_ms) for _ in range(5))])
    assert finding.verdict == verdict and "lab answers after 0.3 ms" in finding.found
    assert judge_round_trip("lab", [echoed(round_trip_ms)]).verdict == verdict


@pytest.mark.parametrize(
    ("small", "large", "verdict"),
    [
        (200, 20, Verdict.OK),
        (199, 20, Verdict.OK),
        (200, 19, Verdict.WARN),
        (190, 2, Verdict.WARN),
        (170, 0, Verdict.FAIL),
    ],
)
def test_loss_is_judged(small: int, large: int, verdict: Verdict) -> None:
    link = Link((echoed(1.0),) * small, 200, (echoed(1.0),) * large, 20, 1e8)
    finding = judge_loss(link)
    assert finding.verdict == verdict
    assert finding.found == f"{200 - small} of 200 datagrams of one frame, {20 - large} of 20 of 60 kB"


@pytest.mark.parametrize(("rate", "verdict"), [(1e8, Verdict.OK), (1e6, Verdict.WARN), (1e5, Verdict.FAIL)])
def test_rates_are_judged(rate: float, verdict: Verdict) -> None:
    assert judge_rate(rate).verdict == verdict


@pytest.mark.parametrize(
    ("ahead_ms", "round_trip_ms", "verdict", "found"),
    [
        (3.0, 1.0, Verdict.OK, "3.0 ms ahead (± 0.5 ms)"),
        (-30.0, 1.0, Verdict.WARN, "30.0 ms behind (± 0.5 ms)"),
        (-30.0, 40.0, Verdict.OK, "30.0 ms behind (± 20.0 ms)"),
        (600_000.0, 1.0, Verdict.FAIL, "600000.0 ms ahead (± 0.5 ms)"),
    ],
)
def test_the_difference_of_clocks_is_that_of_the_quickest_answer(
    ahead_ms: float, round_trip_ms: float, verdict: Verdict, found: str
) -> None:
    finding = judge_clock([echoed(1000.0, 400.0), echoed(round_trip_ms, ahead_ms)])
    assert (finding.verdict, finding.found) == (verdict, found)


def test_a_port_that_is_taken_is_named(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setattr("zprl_cli.doctor.doctor.responder", lambda: responder(port, "127.0.0.1"))
    with pytest.raises(ValueError, match=r"port \d+ cannot be used"):
        listen()


def test_a_peer_is_checked_when_it_is_named() -> None:
    names = [check.name for check in Doctor(peer="lab").checks()]
    assert "peer" in names and "peer" not in [check.name for check in Doctor().checks()]


def test_the_responder_ends_its_threads() -> None:
    before = threading.active_count()
    with responder(0, "127.0.0.1"):
        assert threading.active_count() == before + 2
    assert threading.active_count() == before

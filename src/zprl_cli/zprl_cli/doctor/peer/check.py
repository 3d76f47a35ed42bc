"""Judges the network to another machine of the run, which runs `zprl doctor --listen`."""

from collections.abc import Iterator, Sequence
from statistics import median, quantiles

from zprl_cli.doctor.check import Finding, fail, ok, warn
from zprl_cli.doctor.peer.datagram import PORT, Echo
from zprl_cli.doctor.peer.probe import Link, measure

ROUND_TRIP, LOSS, RATE, CLOCK = "peer", "peer: loss", "peer: rate", "peer: clock"
LATE_MS, STUCK_MS = 50.0, 500.0  # of 99 %: what is older is sent again after a second
LOST_WARN, LOST_FAIL = 0.005, 0.1
SLOW, TOO_SLOW = 5e6, 5e5  # bytes per second: weights of preset fast are 0.6 MB, several sets a minute
AWAY_MS, WRONG_MS = 20.0, 500.0


def look(host: str, port: int = PORT) -> Iterator[Finding]:
    """Check the link to a machine."""
    try:
        link = measure(host, port)
    except OSError as error:
        why = error.strerror or str(error)
        remedy = f"run zprl doctor --listen there, and let TCP and UDP port {port} through its firewall"
        yield fail(ROUND_TRIP, f"{host} port {port}: {why}", remedy)
        return
    if not link.small:
        yield fail(ROUND_TRIP, f"{host} answers no datagram", f"let UDP port {port} through the firewalls, and DDS's")
        return
    yield judge_round_trip(host, link.small)
    yield judge_loss(link)
    yield judge_rate(link.bytes_per_s)
    yield judge_clock(link.small)


def judge_round_trip(host: str, echoes: Sequence[Echo]) -> Finding:
    """Judge the round trip of small datagrams."""
    times = sorted(each.round_trip_ms for each in echoes)
    slowest = times[0] if len(times) == 1 else quantiles(times, n=100, method="inclusive")[98]
    found = f"{host} answers after {median(times):.1f} ms (99 %: {slowest:.1f} ms)"
    if slowest <= LATE_MS:
        return ok(ROUND_TRIP, found)
    remedy = "use a cable instead of Wi-Fi, or a shorter way; the robot goes on, weights and acknowledgements come late"
    return (warn if slowest <= STUCK_MS else fail)(ROUND_TRIP, found, remedy)


def judge_loss(link: Link) -> Finding:
    """Judge how many datagrams, of one frame and of many, were not answered."""
    lost, large = link.small_asked - len(link.small), link.large_asked - len(link.large)
    found = f"{lost} of {link.small_asked} datagrams of one frame, {large} of {link.large_asked} of 60 kB"
    share = lost / link.small_asked
    if share <= LOST_WARN and not large:
        return ok(LOSS, found)
    remedy = "check cables, Wi-Fi and duplex (ethtool -S): transitions and weights are sent again, images are not"
    return (warn if share <= LOST_FAIL else fail)(LOSS, found, remedy)


def judge_rate(bytes_per_s: float) -> Finding:
    """Judge the rate of a connection."""
    found = f"{bytes_per_s / 1e6:.1f} MB/s"
    if bytes_per_s >= SLOW:
        return ok(RATE, found)
    remedy = "weights come late; use a faster link, or raise publish_every"
    return (warn if bytes_per_s >= TOO_SLOW else fail)(RATE, found, remedy)


def judge_clock(echoes: Sequence[Echo]) -> Finding:
    """Judge the difference of the wall clocks, by the quickest answer, whose two ways differ least."""
    quickest = min(echoes, key=lambda each: each.round_trip_ms)
    ahead_ms, unsure_ms = quickest.ahead_ms, quickest.round_trip_ms / 2
    found = f"{abs(ahead_ms):.1f} ms {'ahead' if ahead_ms > 0 else 'behind'} (± {unsure_ms:.1f} ms)"
    if abs(ahead_ms) - unsure_ms <= AWAY_MS:
        return ok(CLOCK, found)
    remedy = "run chrony on both machines (chronyc tracking): stamps of cameras and poses there are judged by them"
    return (warn if abs(ahead_ms) <= WRONG_MS else fail)(CLOCK, found, remedy)

"""Checks the ROS domain, and discovery and image transport between two processes."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from zprl_bringup.graph.graphs import default_env
from zprl_bringup.graph.network import Network
from zprl_bringup.graph.paths import REMEDY
from zprl_bringup.graph.spec import Graph, GraphError
from zprl_bringup.runner.domain_ports import NO_PORTS, PortRange, any_ports, shared_ports
from zprl_bringup.runner.ros_domain import own_domain
from zprl_cli.doctor.check import REPORT, Finding, fail, ok, warn
from zprl_cli.doctor.child_process import Silent, answer, end, start
from zprl_core.host.start_errors import known_error

DOMAIN, DISCOVERY, IMAGES = "ROS domain", "DDS discovery", "DDS images"
NODE = "zprl_cli.doctor.ros.dds_probe"
SECONDS = 10.0  # for discovery, and a second of images
SETTLE_S = 4.0  # existing nodes announce themselves every 3 s
END_S = 20.0  # additional time for a process to start and end on a busy machine
SHOWN = 6
SLOW_S, LATE_MS = 5.0, 50.0
DRIVES = ("arm", "sim", "mujoco", "policy")  # nodes that drive a robot
FIREWALL = "let UDP multicast through: sudo ufw disable to try, then allow 239.255.0.1 and ports 7400 to 65000"
PROFILE = (
    "use our profile: unset FASTDDS_DEFAULT_PROFILES_FILE and FASTRTPS_DEFAULT_PROFILES_FILE; see also shared memory"
)


@dataclass(frozen=True)
class Heard:
    """The listener's report. Times are since its start; None: never."""

    found_s: float | None
    heard_s: float | None
    sent: int  # images sent from the first received one to the last
    heard: int
    ages_ms: tuple[float, ...]
    others: tuple[str, ...]  # nodes other than the doctor's


def look(
    env: Mapping[str, str] = os.environ,
    settle_s: float = SETTLE_S,
    network: Network = Network(),  # noqa: B008  frozen
) -> Iterator[Finding]:
    """Check the domain in which a graph would run. Locks it meanwhile, as a graph does."""
    env = Graph((), default_env(network)).variables(env)
    with ExitStack() as stack:
        busy = ""
        try:
            domain = stack.enter_context(own_domain(env))
        except GraphError as error:
            busy, wanted = str(error), env.get("ROS_DOMAIN_ID", "")
            if "is busy" not in busy or not wanted:
                yield fail(DOMAIN, *_halves(busy))
                return
            domain = int(wanted)
        heard, trouble = exchange(domain, env, settle_s)
        if heard is None:
            yield judge_trouble(trouble)
            return
        yield (judge_busy(busy) if busy else judge_domain(domain, "ROS_DOMAIN_ID" in env, heard.others, any_ports()))
        yield from judge_heard(heard, env.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST"))


def judge_domain(domain: int, chosen: bool, others: Sequence[str], ports: PortRange = NO_PORTS) -> Finding:
    """Judge the other nodes, given by full names; hidden ones (_...) do not count.

    `chosen`: by ROS_DOMAIN_ID. `ports`: those that any program may get.
    """
    seen = [name for name in others if not name.rpartition("/")[2].startswith("_")]
    if not seen and (trouble := shared_ports(domain, ports)):
        return warn(DOMAIN, f"{domain}; no other nodes; {trouble}", ports.remedy)
    if not seen:
        return ok(DOMAIN, f"{domain}{'' if chosen else ' (ROS_DOMAIN_ID is not set)'}; no other nodes")
    found = f"{domain}; other nodes: {', '.join(seen[:SHOWN])}{' ...' if len(seen) > SHOWN else ''}"
    drivers = [name for name in seen if name.rpartition("/")[2] in DRIVES]
    if drivers:
        remedy = f"end {', '.join(drivers[:SHOWN])}, or set ROS_DOMAIN_ID to another number"
        return fail(DOMAIN, f"{found}: a robot is already driven there", remedy)
    return warn(DOMAIN, found, "if they are not yours, set ROS_DOMAIN_ID to another number")


def judge_busy(error: str) -> Finding:
    """Judge a domain that another graph has, by the text of the GraphError."""
    return fail(DOMAIN, *_halves(error))


def judge_trouble(trouble: str) -> Finding:
    """Judge the reason why the two nodes did not report."""
    found, known = f"two nodes did not run: {trouble}", known_error(trouble)
    if known is not None:
        return fail(DISCOVERY, f"two nodes did not run: {known.cause} ({trouble})", known.remedy)
    if trouble.startswith("no answer within"):
        return fail(DISCOVERY, found, "end what keeps this machine busy, and run the doctor again")
    return fail(DISCOVERY, found, f"if the workspace is red above: {REMEDY}; otherwise {REPORT}")


def judge_heard(heard: Heard, reach: str) -> Iterator[Finding]:
    """Judge discovery, then images. `reach`: ROS_AUTOMATIC_DISCOVERY_RANGE."""
    if heard.found_s is None:
        yield fail(DISCOVERY, f"two nodes did not find each other within {SECONDS:g} s ({reach})", FIREWALL)
        return
    found = f"two nodes found each other after {heard.found_s:.1f} s ({reach})"
    yield ok(DISCOVERY, found) if heard.found_s <= SLOW_S else warn(DISCOVERY, found, FIREWALL)
    yield judge_images(heard)


def judge_images(heard: Heard) -> Finding:
    """Judge images of 640x480 RGB at 30 Hz, best effort, as a camera node sends them."""
    if not heard.heard:
        return fail(IMAGES, "no image of 640x480 arrived", PROFILE)
    age = median(heard.ages_ms)
    found = f"{heard.heard} of {heard.sent} images of 640x480 arrived, {age:.1f} ms old (median)"
    if heard.heard < 0.9 * heard.sent:
        return fail(IMAGES, found, PROFILE)
    return ok(IMAGES, found) if age <= LATE_MS else warn(IMAGES, found, f"end other programs; {PROFILE}")


def exchange(domain: int, env: Mapping[str, str], settle_s: float) -> tuple[Heard | None, str]:
    """Run both nodes. Returns the report, or None and the reason."""
    full = {**env, "ROS_DOMAIN_ID": str(domain)}
    talker = start(NODE, "talk", str(SECONDS + END_S), "0", env=full)
    try:
        told = answer(start(NODE, "listen", str(SECONDS), str(settle_s), env=full), SECONDS + END_S)
    except Silent as error:
        return None, str(error)
    finally:
        end(talker)
    return Heard(**{**told, "ages_ms": tuple(told["ages_ms"]), "others": tuple(told["others"])}), ""


def _halves(text: str) -> tuple[str, str]:
    """Split a GraphError into problem and remedy."""
    for mark in ("; ", ": "):
        found, cut, remedy = text.partition(mark)
        if cut:
            return found, remedy
    return text, "set ROS_DOMAIN_ID to a free number from 0 to 101"

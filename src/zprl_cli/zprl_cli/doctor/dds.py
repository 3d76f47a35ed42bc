"""Whether two nodes in two processes find each other and images pass, and who else is in the domain."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from zprl_bringup.graph.graphs import default_env
from zprl_bringup.graph.paths import REMEDY
from zprl_bringup.graph.spec import GraphError
from zprl_bringup.runner.ros_domain import own_domain
from zprl_cli.doctor.check import Finding, fail, ok, warn
from zprl_cli.doctor.child_process import Silent, answer, end, start

DOMAIN, DISCOVERY, IMAGES = "ROS domain", "DDS discovery", "DDS images"
NODE = "zprl_cli.doctor.ros.dds_probe"
SECONDS = 10.0  # for finding each other, and a second of images
SETTLE_S = 4.0  # nodes that are there already announce themselves every 3 s
END_S = 20.0  # for a process to start and end besides, on a busy machine
SHOWN = 6
SLOW_S, LATE_MS = 5.0, 50.0
DRIVES = ("arm", "sim", "mujoco", "policy")  # nodes of which a second one would drive the robot too
FIREWALL = "let UDP multicast through: sudo ufw disable to try, then allow 239.255.0.1 and ports 7400 to 65000"
PROFILE = (
    "use our profile: unset FASTDDS_DEFAULT_PROFILES_FILE and FASTRTPS_DEFAULT_PROFILES_FILE; see also shared memory"
)


@dataclass(frozen=True)
class Heard:
    """What the listener told. Times since its start; None: never."""

    found_s: float | None
    heard_s: float | None
    sent: int  # images from the first that was heard to the last
    heard: int
    ages_ms: tuple[float, ...]
    others: tuple[str, ...]  # nodes that are not the doctor's


def look(env: Mapping[str, str] = os.environ, settle_s: float = SETTLE_S) -> Iterator[Finding]:
    """In the domain that a graph would run in. Holds it meanwhile, as a graph does."""
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
            yield fail(DISCOVERY, f"two nodes do not run: {trouble}", f"end what keeps this machine busy; {REMEDY}")
            return
        yield fail(DOMAIN, *_halves(busy)) if busy else judge_domain(domain, "ROS_DOMAIN_ID" in env, heard.others)
        yield from judge_heard(heard, env.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST"))


def judge_domain(domain: int, chosen: bool, others: Sequence[str]) -> Finding:
    """`chosen`: by ROS_DOMAIN_ID. `others`: full names of the nodes there; hidden ones begin with _ and do nothing."""
    seen = [name for name in others if not name.rpartition("/")[2].startswith("_")]
    if not seen:
        return ok(DOMAIN, f"{domain}{'' if chosen else ' (ROS_DOMAIN_ID is not set)'}; nobody else is there")
    found = f"{domain}; others are there: {', '.join(seen[:SHOWN])}{' ...' if len(seen) > SHOWN else ''}"
    drivers = [name for name in seen if name.rpartition("/")[2] in DRIVES]
    if drivers:
        remedy = f"end {', '.join(drivers[:SHOWN])}, or set ROS_DOMAIN_ID to another number"
        return fail(DOMAIN, f"{found}: a robot is driven there already", remedy)
    return warn(DOMAIN, found, "if you do not know them, set ROS_DOMAIN_ID to another number")


def judge_heard(heard: Heard, reach: str) -> Iterator[Finding]:
    """Discovery, then images. `reach`: ROS_AUTOMATIC_DISCOVERY_RANGE."""
    if heard.found_s is None:
        yield fail(DISCOVERY, f"two nodes did not find each other within {SECONDS:g} s ({reach})", FIREWALL)
        return
    found = f"two nodes found each other after {heard.found_s:.1f} s ({reach})"
    yield ok(DISCOVERY, found) if heard.found_s <= SLOW_S else warn(DISCOVERY, found, FIREWALL)
    yield judge_images(heard)


def judge_images(heard: Heard) -> Finding:
    """640x480 RGB at 30 Hz, best effort, as a camera node sends them."""
    if not heard.heard:
        return fail(IMAGES, "no image of 640x480 came through", PROFILE)
    age = median(heard.ages_ms)
    found = f"{heard.heard} of {heard.sent} images of 640x480 came, {age:.1f} ms old (median)"
    if heard.heard < 0.9 * heard.sent:
        return fail(IMAGES, found, PROFILE)
    return ok(IMAGES, found) if age <= LATE_MS else warn(IMAGES, found, f"end other programs; {PROFILE}")


def exchange(domain: int, env: Mapping[str, str], settle_s: float) -> tuple[Heard | None, str]:
    """Run both nodes. The second value says why there is no first."""
    full = {**default_env(), "ROS_DOMAIN_ID": str(domain), **env}
    talker = start(NODE, "talk", str(SECONDS + END_S), "0", env=full)
    try:
        told = answer(start(NODE, "listen", str(SECONDS), str(settle_s), env=full), SECONDS + END_S)
    except Silent as error:
        return None, str(error)
    finally:
        end(talker)
    return Heard(**{**told, "ages_ms": tuple(told["ages_ms"]), "others": tuple(told["others"])}), ""


def _halves(text: str) -> tuple[str, str]:
    """What is wrong, and what to do, of a GraphError."""
    for mark in ("; ", ": "):
        found, cut, remedy = text.partition(mark)
        if cut:
            return found, remedy
    return text, "set ROS_DOMAIN_ID to a free number from 0 to 101"

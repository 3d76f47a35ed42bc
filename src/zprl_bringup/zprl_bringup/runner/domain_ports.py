"""Tells ROS domains by their UDP ports, and those whose ports other programs may get."""

from dataclasses import dataclass
from pathlib import Path

FIRST_PORT = 7400  # DDS: the ports of a domain start at 7400 + 250 * domain
PORTS_PER_DOMAIN = 250
USED_PORTS = 118  # of them: what 54 nodes need
LAST_DOMAIN = 232
ANY_PROGRAM = Path("/proc/sys/net/ipv4/ip_local_port_range")


def bound_domains(table: str) -> set[int]:
    """Return the domains with bound ports, from the text of /proc/net/udp."""
    domains = set()
    for line in table.splitlines()[1:]:
        port = int(line.split()[1].rpartition(":")[2], 16)
        domain = (port - FIRST_PORT) // PORTS_PER_DOMAIN
        if 0 <= domain <= LAST_DOMAIN:
            domains.add(domain)
    return domains


@dataclass(frozen=True)
class PortRange:
    """The ports that Linux gives to programs that ask for any."""

    first: int
    last: int

    def has(self, domain: int) -> bool:
        """True if the domain's ports are among them.

        Discovery then reaches sockets of others, among them libfranka's, which takes a foreign datagram for a fault.
        """
        start = FIRST_PORT + PORTS_PER_DOMAIN * domain
        return start <= self.last and start + USED_PORTS > self.first

    @property
    def remedy(self) -> str:
        """The setting that helps, as the end of a sentence."""
        free = [domain for domain in range(101 + 1) if not self.has(domain)]
        if not free:
            return "leave lower ports to ROS: sudo sysctl net.ipv4.ip_local_port_range='32768 60999'"
        return f"set ROS_DOMAIN_ID to a number from {free[0]} to {free[-1]}"


NO_PORTS = PortRange(1, 0)


def any_ports(path: Path = ANY_PROGRAM) -> PortRange:
    """Return the range of this machine; an empty one where it is not told."""
    try:
        first, last = map(int, path.read_text().split())
    except (OSError, ValueError):
        return NO_PORTS
    return PortRange(first, last)


def shared_ports(domain: int, any_program: PortRange) -> str:
    """Return what is wrong with a domain whose ports other programs may get, or ""."""
    if not any_program.has(domain):
        return ""
    start = FIRST_PORT + PORTS_PER_DOMAIN * domain
    return (
        f"its ports, {start} to {start + USED_PORTS - 1}, are among those that any program may get here "
        f"({any_program.first} to {any_program.last})"
    )

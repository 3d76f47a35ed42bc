"""Tells ROS domains by their UDP ports, and those whose ports other programs may get."""

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


def shared_ports(domain: int, any_program: Path = ANY_PROGRAM) -> str:
    """Return what is wrong with a domain whose ports Linux also gives to programs that ask for any port, or "".

    Discovery then reaches sockets of others, among them libfranka's, which takes a foreign datagram for a fault.
    `any_program` holds the first and the last of these ports.
    """
    try:
        first, last = map(int, any_program.read_text().split())
    except (OSError, ValueError):
        return ""
    start = FIRST_PORT + PORTS_PER_DOMAIN * domain
    end = start + USED_PORTS - 1
    if end < first or start > last:
        return ""
    return f"its ports, {start} to {end}, are among those that any program may get here ({first} to {last})"

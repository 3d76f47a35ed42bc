"""Several hosts on one machine: network namespaces behind one switch. For root, where the kernel allows them."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from switch import TUN, Switch

NETWORK = "10.77.0"  # addresses: .1, .2 and so on


def allowed() -> bool:
    """True where namespaces and TAP devices may be made."""
    if os.geteuid() or not TUN.exists():
        return False
    probe = f"zprl-probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, check=False).returncode == 0
    subprocess.run(["ip", "netns", "delete", probe], capture_output=True, check=False)
    return made


class Hosts:
    """Makes the named hosts (short names), and removes them at the end of the `with` block."""

    def __init__(self, *names: str) -> None:
        self.names, self.switch = names, Switch()
        self.address = {name: f"{NETWORK}.{i}" for i, name in enumerate(names, 1)}

    def __enter__(self) -> "Hosts":
        try:
            for name in self.names:
                self._make(name)
        except BaseException:
            self._remove()
            raise
        self.switch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._remove()

    def command(self, name: str, *words: str) -> list[str]:
        """Return the command line that runs `words` on a host."""
        return ["ip", "netns", "exec", self.space(name), *words]

    def popen(self, name: str, words: Sequence[str], **options: Any) -> "subprocess.Popen[bytes]":
        """Start a program on a host. It heeds SIGINT, which a script's background has ignored."""
        return subprocess.Popen(self.command(name, "env", "--default-signal=INT", *words), **options)

    def pull(self, name: str) -> None:
        """Pull the cable at the host: its device loses the carrier."""
        self.cut(name)
        self._run(*self.command(name, "ip", "link", "set", self.port(name), "down"))

    def plug(self, name: str) -> None:
        """Put the cable back."""
        self._run(*self.command(name, "ip", "link", "set", self.port(name), "up"))
        self._route(name)
        self.mend(name)

    def cut(self, name: str) -> None:
        """Stop a host's frames at the switch; its device keeps the carrier."""
        self.switch.cut.add(self.port(name))

    def mend(self, name: str) -> None:
        """Let the frames pass again."""
        self.switch.cut.discard(self.port(name))

    def move(self, name: str, address: str) -> None:
        """Give a host another address."""
        port = self.port(name)
        self._run(*self.command(name, "ip", "address", "flush", "dev", port))
        self._run(*self.command(name, "ip", "address", "add", f"{address}/24", "dev", port))
        self._route(name)
        self.address[name] = address

    def space(self, name: str) -> str:
        """Name of the host's namespace."""
        return f"zprl-{os.getpid()}-{name}"

    def port(self, name: str) -> str:
        """Name of the host's network device, also the switch's."""
        return f"z{os.getpid() % 100000}{name}"[:15]

    def _make(self, name: str) -> None:
        port, space = self.port(name), self.space(name)
        self._run("ip", "netns", "add", space)
        self.switch.plug(port)
        self._run("ip", "link", "set", port, "netns", space)
        self._run(*self.command(name, "ip", "link", "set", "lo", "up"))
        self._run(*self.command(name, "ip", "address", "add", f"{self.address[name]}/24", "dev", port))
        self._run(*self.command(name, "ip", "link", "set", port, "up"))
        self._route(name)

    def _route(self, name: str) -> None:
        """Send multicast, which discovery uses, through the host's device."""
        route = ("ip", "route", "replace", "224.0.0.0/4", "dev", self.port(name))
        self._run(*self.command(name, *route))

    def _remove(self) -> None:
        self.switch.close()
        for name in self.names:
            if Path("/run/netns", self.space(name)).exists():
                subprocess.run(["ip", "netns", "delete", self.space(name)], check=False, capture_output=True)

    def _run(self, *words: str) -> None:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")

"""Tells whether a machine sees the runs folder of a sweep: a file with random content."""

import contextlib
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Token:
    """A file in the runs folder, by whose content every machine recognizes the folder. It stays for later sweeps."""

    path: Path
    text: str

    def trouble(self) -> str:
        """Return why this machine cannot make runs there; "" if it can."""
        host, folder = socket.gethostname(), self.path.parent
        shared = "all machines of the cluster need the same runs folder at the same path (NFS, for example)"
        try:
            if self.path.read_text() != self.text:
                return f"{host} has another {folder}; {shared}"
            probe = self.path.with_name(f"{self.path.name}-{host}-{secrets.token_hex(4)}")
            probe.touch()
            probe.unlink()
        except OSError as error:
            return f"{host} cannot use {folder} ({error.strerror}); {shared}"
        return ""


def token_in(folder: Path) -> Token:
    """Return the token of that folder; make both if they are not there. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ".token"
    with contextlib.suppress(FileExistsError), path.open("x") as file:
        file.write(secrets.token_hex(16))
    return Token(path, path.read_text())

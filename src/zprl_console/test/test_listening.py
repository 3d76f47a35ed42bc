"""The address at which the console listens."""

import socket

import pytest

from zprl_console import listening
from zprl_console.listening import addresses, check_port


def test_a_port_in_use_is_refused_with_the_remedy() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            ValueError, match=f"port {port} of 127.0.0.1 is in use by another program; give another --port"
        ):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ValueError, match=r"--host 192\.0\.2\.1 is no address of this machine"):
        check_port("192.0.2.1", 8080)


def test_addresses_to_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening.socket, "gethostname", lambda: "lab")
    monkeypatch.setattr(listening, "_outward", lambda: ["10.1.2.3"])
    assert addresses("127.0.0.1", 8080, "") == ["http://127.0.0.1:8080/"]
    assert addresses("::1", 80, "abc") == ["http://[::1]:80/?token=abc"]
    assert addresses("0.0.0.0", 8080, "abc") == ["http://lab:8080/?token=abc", "http://10.1.2.3:8080/?token=abc"]

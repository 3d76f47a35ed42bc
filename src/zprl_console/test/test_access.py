"""Requests that the console admits, and those that it refuses."""

from dataclasses import replace

import pytest

from zprl_console import access as module
from zprl_console.access import Access, Asked, Verdict, access_of, host_name

TOKEN = "0123456789abcdef"
OPEN = Access(frozenset({"localhost", "127.0.0.1", "robot.lan"}))
CLOSED = replace(OPEN, token=TOKEN)
COOKIE = f"a=b; zprl_console={CLOSED.cookie}; c=d"


def verdict(access: Access, **asked: object) -> Verdict:
    return access.verdict(Asked(**{"host": "localhost:8080"} | asked))[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "host", ["localhost:8080", "LOCALHOST", "127.0.0.1", "robot.lan:80", "10.1.2.3:8080", "[::1]:8080"]
)
def test_own_names_and_addresses(host: str) -> None:
    assert verdict(OPEN, host=host) is Verdict.ADMIT


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example:8080",
        "localhost.evil.example",
        "a@localhost",
        "localhost/x",
        "localhost, localhost",
        "[",
        "x:y",
    ],
)
def test_names_of_others_do_not_reach_it(host: str) -> None:
    """DNS rebinding: another site's name leads here, and its pages ask with that name."""
    assert verdict(OPEN, host=host) is Verdict.FORBIDDEN
    assert verdict(CLOSED, host=host, cookie=COOKIE) is Verdict.FORBIDDEN


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://localhost:8080", Verdict.ADMIT),
        ("https://localhost:8080", Verdict.ADMIT),  # behind a proxy with TLS
        ("http://localhost:9090", Verdict.FORBIDDEN),  # another program of the same machine
        ("http://localhost", Verdict.FORBIDDEN),
        ("http://evil.example", Verdict.FORBIDDEN),
        ("http://localhost:8080.evil.example", Verdict.FORBIDDEN),
        ("file://localhost:8080", Verdict.FORBIDDEN),
        ("null", Verdict.FORBIDDEN),
        ("http://[", Verdict.FORBIDDEN),
    ],
)
@pytest.mark.parametrize("websocket", [False, True])
def test_pages_of_other_sites_are_refused(origin: str, expected: Verdict, websocket: bool) -> None:
    assert verdict(OPEN, origin=origin, websocket=websocket) is expected
    assert verdict(CLOSED, origin=origin, websocket=websocket, cookie=COOKIE) is expected


def test_a_websocket_or_post_without_an_origin_is_refused() -> None:
    assert verdict(OPEN) is Verdict.ADMIT
    assert verdict(OPEN, websocket=True) is Verdict.FORBIDDEN
    assert verdict(OPEN, reads=False) is Verdict.FORBIDDEN


def test_the_token_signs_in_and_its_cookie_admits() -> None:
    assert verdict(CLOSED) is Verdict.NO_TOKEN
    assert verdict(CLOSED, query=f"token={TOKEN}") is Verdict.SIGN_IN
    assert verdict(CLOSED, cookie=COOKIE) is Verdict.ADMIT
    assert verdict(CLOSED, cookie=COOKIE, origin="http://localhost:8080", websocket=True) is Verdict.ADMIT
    assert TOKEN not in CLOSED.cookie


@pytest.mark.parametrize(
    "asked",
    [
        {"query": "token="},
        {"query": "token=0123456789abcdeX"},
        {"query": f"token={TOKEN}&token={TOKEN}"},
        {"query": f"token={TOKEN}{'&a=b' * 50}"},
        {"query": "token=%ff%fe"},
        {"cookie": f"zprl_console={TOKEN}"},
        {"cookie": "zprl_console="},
        {"cookie": f"other={CLOSED.cookie}"},
        {"query": f"token={TOKEN}", "websocket": True, "origin": "http://localhost:8080"},
        {"query": f"token={TOKEN}", "reads": False, "origin": "http://localhost:8080"},
    ],
)
def test_anything_else_does_not(asked: dict[str, object]) -> None:
    assert verdict(CLOSED, **asked) is Verdict.NO_TOKEN


def test_a_host_that_others_reach_has_a_token() -> None:
    assert access_of("127.0.0.1", 8080, "").token == access_of("localhost", 8080, "").token == ""
    made = {access_of(host, 8080, "").token for host in ("0.0.0.0", "10.1.2.3", "robot.lan", "::")}
    assert len(made) == 4 and min(map(len, made)) == 32
    assert access_of("0.0.0.0", 8080, TOKEN).token == access_of("127.0.0.1", 8080, TOKEN).token == TOKEN


def test_names_of_the_machine_are_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.socket, "gethostname", lambda: "Lab1")
    assert {"lab1", "lab1.local", "robot.lan", "localhost"} <= access_of("Robot.lan", 8080, TOKEN).names


@pytest.mark.parametrize("token", ["secret", "0123456789abcde", "0123456789abcdef&x", "0123456789abcdef ", "ä" * 20])
def test_a_token_that_can_be_guessed_or_does_not_fit_an_address_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="at least 16 letters"):
        access_of("0.0.0.0", 8080, token)


def test_two_consoles_of_one_host_have_their_own_cookies() -> None:
    assert access_of("0.0.0.0", 8080, TOKEN).cookie_name != access_of("0.0.0.0", 8081, TOKEN).cookie_name


def test_host_name() -> None:
    assert [host_name(h) for h in ("A.b:1", "[fe80::1]:80", "x:99999", "x?y")] == ["a.b", "fe80::1", "", ""]

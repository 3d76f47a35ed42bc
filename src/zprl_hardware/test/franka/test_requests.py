"""A queue of requests that are meant for one connection."""

from zprl_hardware.franka.requests import Requests


def test_requests_for_the_present_connection_run_in_order() -> None:
    requests, ran = Requests(), list[str]()
    requests.connected()
    assert not requests.served
    requests.serve()
    for name in ("follow", "halt"):
        requests.add(lambda name=name: ran.append(name))  # type: ignore[misc]
    requests.run(lambda: ran.append("dropped"))
    requests.run(lambda: ran.append("dropped"))
    assert requests.served and ran == ["follow", "halt"]


def test_a_request_for_an_earlier_connection_is_dropped_and_said() -> None:
    requests, ran = Requests(), list[str]()
    requests.add(lambda: ran.append("before"))
    requests.connected()
    requests.add(lambda: ran.append("before"))  # its caller has not asked for the new connection
    requests.serve()
    requests.add(lambda: ran.append("after"))
    requests.run(lambda: ran.append("dropped"))
    assert ran == ["dropped", "dropped", "after"]


def test_a_lost_connection_drops_all() -> None:
    requests, ran = Requests(), list[str]()
    requests.add(lambda: ran.append("before"))
    requests.clear()
    requests.run(lambda: ran.append("dropped"))
    assert ran == []


def test_a_request_that_fails_leaves_the_others_for_the_next_turn() -> None:
    requests, ran = Requests(), list[str]()
    requests.add(lambda: [][0])
    requests.add(lambda: ran.append("halt"))
    for _ in range(2):
        try:
            requests.run(lambda: ran.append("dropped"))
        except IndexError:
            ran.append("failed")
    assert ran == ["failed", "halt"]

"""A command from another graph is refused; one from a program without a graph is not."""

import pytest

from zprl_core.host import own_graph


@pytest.mark.parametrize(
    ("own", "sender", "refused"),
    [("", "", False), ("a-1", "", False), ("", "a-1", False), ("a-1", "a-1", False), ("a-1", "b-2", True)],
)
def test_stranger(own: str, sender: str, refused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(own_graph.VARIABLE, own)
    why = own_graph.stranger(sender)
    assert bool(why) == refused
    assert not refused or ("b-2" in why and "a-1" in why and "ROS_DOMAIN_ID" in why)


def test_two_graphs_of_one_host_differ() -> None:
    assert own_graph.new_graph() != own_graph.new_graph()

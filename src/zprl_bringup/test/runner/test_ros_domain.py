"""A ROS domain of one's own."""

import socket
from pathlib import Path

import pytest

from zprl_bringup.graph.spec import GraphError
from zprl_bringup.runner.ros_domain import CANDIDATES, bound_domains, own_domain

TABLE = """   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 1: 00000000:{port:04X} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0 0
"""


def test_ports_name_their_domain() -> None:
    assert bound_domains(TABLE.format(port=7400)) == {0}
    assert bound_domains(TABLE.format(port=7400 + 7 * 250 + 11)) == {7}
    assert bound_domains(TABLE.format(port=7649)) == {0}
    assert bound_domains(TABLE.format(port=53)) == set()


def test_two_graphs_get_two_domains(tmp_path: Path) -> None:
    with own_domain({}, tmp_path) as a, own_domain({}, tmp_path) as b:
        assert a != b
        assert {a, b} <= set(CANDIDATES)


def test_a_domain_is_free_again(tmp_path: Path) -> None:
    with own_domain({"ROS_DOMAIN_ID": "44"}, tmp_path) as domain:
        assert domain == 44
    with own_domain({"ROS_DOMAIN_ID": "44"}, tmp_path) as domain:
        assert domain == 44


def test_a_domain_with_open_ports_is_not_chosen(tmp_path: Path) -> None:
    with own_domain({}, tmp_path) as free:
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 7400 + 250 * free + 10))
        with own_domain({}, tmp_path) as domain:
            assert domain != free


def test_a_busy_domain_is_one_clear_line(tmp_path: Path) -> None:
    with (
        own_domain({"ROS_DOMAIN_ID": "7"}, tmp_path),
        pytest.raises(GraphError, match=r"ROS domain 7 is busy.*\(process \d+\).*set ROS_DOMAIN_ID") as error,
        own_domain({"ROS_DOMAIN_ID": "7"}, tmp_path),
    ):
        pass
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("wanted", ["seven", "-1", "300"])
def test_nonsense_is_no_domain(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(GraphError, match="is not a ROS domain"), own_domain({"ROS_DOMAIN_ID": wanted}, tmp_path):
        pass


def test_with_security_on_a_person_names_the_domain(tmp_path: Path) -> None:
    """Keystores are signed for one domain."""
    with pytest.raises(GraphError, match="ROS_DOMAIN_ID"), own_domain({"ROS_SECURITY_ENABLE": "true"}, tmp_path):
        pass

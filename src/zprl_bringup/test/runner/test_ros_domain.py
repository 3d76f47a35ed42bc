"""A ROS domain of one's own."""

import dataclasses
import json
import os
import socket
from contextlib import nullcontext
from itertools import product
from pathlib import Path

import pytest

from zprl_bringup.graph.spec import Graph, GraphError, NodeSpec
from zprl_bringup.runner.domain_ports import PortRange, any_ports, bound_domains, shared_ports
from zprl_bringup.runner.ros_domain import CANDIDATES, LEARNER, ROBOTS, WHOLE, own_domain, parts_of
from zprl_core.host.processes import Process, this_process

TABLE = """   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 1: 00000000:{port:04X} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0 0
"""


def test_ports_name_their_domain() -> None:
    assert bound_domains(TABLE.format(port=7400)) == {0}
    assert bound_domains(TABLE.format(port=7400 + 7 * 250 + 11)) == {7}
    assert bound_domains(TABLE.format(port=7649)) == {0}
    assert bound_domains(TABLE.format(port=53)) == set()


@pytest.mark.parametrize(("domain", "shared"), [(0, False), (101, False), (102, True), (214, True), (215, False)])
def test_ports_that_any_program_may_get_are_told(domain: int, shared: bool, tmp_path: Path) -> None:
    ports = tmp_path / "ip_local_port_range"
    ports.write_text("32768\t60999\n")
    assert ("32768 to 60999" in shared_ports(domain, any_ports(ports))) == shared
    assert shared_ports(domain, any_ports(tmp_path / "none")) == ""


@pytest.mark.parametrize(
    ("first", "remedy"),
    [(32768, "to a number from 0 to 101"), (10000, "to a number from 0 to 9"), (1024, "sudo sysctl net.ipv4.ip_local")],
)
def test_the_remedy_names_domains_that_are_free_here(first: int, remedy: str) -> None:
    assert remedy in PortRange(first, 65535).remedy


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
    busy = r"ROS domain 7 is busy.*\(process \d+ of user .*, since .*\).*set ROS_DOMAIN_ID"
    with (
        own_domain({"ROS_DOMAIN_ID": "7"}, tmp_path),
        pytest.raises(GraphError, match=busy) as error,
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


@pytest.mark.parametrize("reach", ["SUBNET", "SYSTEM_DEFAULT"])
def test_beyond_this_machine_a_person_names_the_domain(tmp_path: Path, reach: str) -> None:
    """Two labs on one network would both take the first domain that is free on their machine."""
    env = {"ROS_AUTOMATIC_DISCOVERY_RANGE": reach}
    with pytest.raises(GraphError, match=r"set ROS_DOMAIN_ID, or network\.domain"), own_domain(env, tmp_path):
        pass
    with own_domain(env | {"ROS_DOMAIN_ID": "44"}, tmp_path) as domain:
        assert domain == 44


def test_the_parts_of_a_graph_share_a_domain(tmp_path: Path) -> None:
    """One of each: two learners, or the whole graph beside a part of one, would disturb each other."""
    env = {"ROS_DOMAIN_ID": "44"}
    with own_domain(env, tmp_path, (ROBOTS,)), own_domain(env, tmp_path, (LEARNER,)) as domain:
        assert domain == 44
    for part, other in product((ROBOTS, LEARNER), ((ROBOTS,), (LEARNER,), WHOLE)):
        refused = pytest.raises(GraphError, match="is busy") if part in other else nullcontext()
        with own_domain(env, tmp_path, (part,)), refused, own_domain(env, tmp_path, other):
            pass
    with own_domain(env, tmp_path) as domain:  # a refused one holds nothing
        assert domain == 44


@pytest.mark.parametrize(
    ("executables", "parts"),
    [(("learner_node",), (LEARNER,)), (("policy_node",), (ROBOTS,)), (("learner_node", "policy_node"), WHOLE)],
)
def test_a_graph_reserves_its_parts(executables: tuple[str, ...], parts: tuple[str, ...]) -> None:
    assert set(parts_of(Graph(tuple(NodeSpec("p", name, name) for name in executables)))) == set(parts)


def left_by(folder: Path, domain: int, owner: Process) -> None:
    """The lock file of another user."""
    (folder / f"zprl-ros-domain-{domain}-54321.lock").write_text(json.dumps(dataclasses.asdict(owner)))


def test_a_graph_of_another_user_is_respected(tmp_path: Path) -> None:
    here = this_process()
    left_by(tmp_path, 7, here)
    busy = rf"ROS domain 7 is busy: another zprl graph runs there \(process {here.pid} of user .*set ROS_DOMAIN_ID"
    with pytest.raises(GraphError, match=busy), own_domain({"ROS_DOMAIN_ID": "7"}, tmp_path):
        pass
    for domain in CANDIDATES:
        left_by(tmp_path, domain, here)
    with pytest.raises(GraphError, match="no ROS domain from 11 to 90 is free"), own_domain({}, tmp_path):
        pass


def test_what_other_users_left_behind_blocks_nobody(tmp_path: Path) -> None:
    """Their graph has ended, its process id may be another process's now, or the file cannot be read."""
    gone = dataclasses.replace(this_process(), started=1)
    for domain in range(0, 102):
        left_by(tmp_path, domain, gone)
    (tmp_path / "zprl-ros-domain-8.lock").write_text("1\n")  # of an earlier version
    (tmp_path / "zprl-ros-domain-9-54321.lock").unlink()
    (tmp_path / "zprl-ros-domain-9-54321.lock").mkdir()
    for wanted in ("7", "8", "9", ""):
        with own_domain({"ROS_DOMAIN_ID": wanted}, tmp_path) as domain:
            assert str(domain) == wanted or domain in CANDIDATES


def test_a_lock_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / f"zprl-ros-domain-7-{os.geteuid()}.lock").mkdir()
    wrong = pytest.raises(GraphError, match=r"cannot lock .*domain-7.*: .*; ")
    with wrong as error, own_domain({"ROS_DOMAIN_ID": "7"}, tmp_path):
        pass
    assert "\n" not in str(error.value)

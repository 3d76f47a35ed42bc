"""How the nodes of several machines find each other."""

import pytest

from zprl_bringup.graph.network import Discovery, Network, Only, leaves_machine


@pytest.mark.parametrize(
    ("network", "only", "expected"),
    [
        (Network(), None, {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}),
        (Network(), Only.ROBOT, {"ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET"}),
        (Network(Discovery.LOCALHOST), Only.ROBOT, {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}),
        (Network(Discovery.SUBNET, domain=7), None, {"ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET", "ROS_DOMAIN_ID": "7"}),
        (
            Network(Discovery.SERVER, ("10.0.0.2", "lab:11900")),
            None,
            {"ROS_DISCOVERY_SERVER": "10.0.0.2:11811;lab:11900"},
        ),
        (Network(Discovery.SERVER, ("fe80::1",)), None, {"ROS_DISCOVERY_SERVER": "[fe80::1]:11811"}),
        (
            Network(Discovery.ZENOH, ("10.0.0.2", "lab")),
            Only.LEARNER,
            {
                "RMW_IMPLEMENTATION": "rmw_zenoh_cpp",
                "ZENOH_CONFIG_OVERRIDE": 'connect/endpoints=["tcp/10.0.0.2:7447","tcp/lab:7447"]',
            },
        ),
    ],
)
def test_a_network_is_a_few_variables(network: Network, only: Only | None, expected: dict[str, str]) -> None:
    assert network.env(only) == expected
    assert leaves_machine(expected) == (expected.get("ROS_AUTOMATIC_DISCOVERY_RANGE") != "LOCALHOST")


def test_peers_leave_the_machine() -> None:
    assert leaves_machine(Network(Discovery.PEERS, ("10.0.0.2",)).env(None))
    assert not leaves_machine({})


@pytest.mark.parametrize(
    ("discovery", "hosts", "domain", "error"),
    [
        (Discovery.PEERS, (), None, "needs network.hosts; name the machines"),
        (
            Discovery.AUTOMATIC,
            ("10.0.0.2",),
            None,
            "network.hosts is for discovery peers, server or zenoh, not automatic",
        ),
        (Discovery.SERVER, ("10.0.0.2;10.0.0.3",), None, "write the name or the address of a machine"),
        (Discovery.ZENOH, ('x"]',), None, "write the name or the address of a machine"),
        (Discovery.SUBNET, (), 102, r"network.domain is 102; it must lie within \[0, 101\]"),
    ],
)
def test_a_network_that_cannot_be_is_refused(
    discovery: Discovery, hosts: tuple[str, ...], domain: int | None, error: str
) -> None:
    with pytest.raises(ValueError, match=error):
        Network(discovery, hosts, domain)

"""The mode of a policy in a blind comparison is not changed from outside."""

from collections.abc import Callable
from typing import Any, cast

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from std_srvs.srv import Trigger

from zprl.rl.config import Mode
from zprl.rl.residual_policy import ResidualPolicy
from zprl_msgs.srv import SetPolicyMode
from zprl_policy.contest import Contest
from zprl_policy.ros.services import CHOSEN, Services
from zprl_policy.weight_manager import WeightManager

pytestmark = pytest.mark.ros


class Policy:
    mode = Mode.EVALUATE


class Node:
    """Keeps the callbacks of services, by name."""

    def __init__(self) -> None:
        self.callbacks: dict[str, Callable[[Any, Any], Any]] = {}

    def create_service(self, kind: type, name: str, callback: Callable[[Any, Any], Any]) -> None:
        self.callbacks[name] = callback


def asked(contest: Contest | None) -> tuple[Policy, Callable[[int], Any], Callable[[], Any]]:
    """A policy, and what sets its mode and returns it to the base."""
    node, policy = Node(), Policy()
    Services(cast(Any, node), cast(ResidualPolicy, policy), cast(WeightManager, None), contest)
    set_mode, back = node.callbacks["policy/set_mode"], node.callbacks["policy/return_to_base"]
    return (
        policy,
        lambda mode: set_mode(SetPolicyMode.Request(mode=mode), SetPolicyMode.Response()),
        lambda: back(Trigger.Request(), Trigger.Response()),
    )


def test_alone_a_policy_takes_any_mode() -> None:
    policy, set_mode, back = asked(None)
    assert set_mode(Mode.FINETUNE).success and policy.mode == Mode.FINETUNE
    assert back().success and policy.mode == Mode.BASE
    assert not set_mode(9).success and policy.mode == Mode.BASE


def test_in_a_comparison_it_takes_hold_alone() -> None:
    policy, set_mode, back = asked(cast(Contest, object()))
    for answer in (set_mode(Mode.BASE), set_mode(Mode.EVALUATE), back()):
        assert (answer.success, answer.message) == (False, CHOSEN)
    assert policy.mode == Mode.EVALUATE
    assert set_mode(Mode.HOLD).success and policy.mode == Mode.HOLD

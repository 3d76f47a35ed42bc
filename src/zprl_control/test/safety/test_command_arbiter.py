"""One writer at a time, and a human before a policy."""

from collections.abc import Callable

from zprl_control.safety.command_arbiter import CommandArbiter, Priority


def asked(arbiter: CommandArbiter) -> Callable[[str, Priority, float], bool]:
    return lambda source, priority, now: arbiter.acquire(source, priority, now) == ""


def test_one_writer_at_a_time() -> None:
    ask = asked(arbiter := CommandArbiter())
    assert ask("policy", Priority.POLICY, 0.0) and ask("policy", Priority.POLICY, 0.1)
    assert not ask("other policy", Priority.POLICY, 0.2)
    refused = arbiter.acquire("other policy", Priority.POLICY, 0.3)
    assert refused == "other policy may not command the arm, because policy does"
    assert ask("other policy", Priority.POLICY, 0.7)  # the first one fell silent


def test_a_person_goes_before_a_policy_and_for_a_while_after() -> None:
    ask = asked(arbiter := CommandArbiter())
    assert ask("policy", Priority.POLICY, 0.0) and ask("spacemouse", Priority.PERSON, 0.01)
    assert not ask("policy", Priority.POLICY, 0.9) and arbiter.holder(0.9) == "spacemouse"
    assert ask("policy", Priority.POLICY, 1.1) and arbiter.holder(2.0) == ""


def test_a_person_whose_device_has_no_name_is_one_all_the_same() -> None:
    arbiter = CommandArbiter()
    assert not arbiter.person(0.0)
    assert arbiter.acquire("", Priority.PERSON, 0.0) == "" and arbiter.person(0.9) and not arbiter.person(1.1)


def test_a_policy_that_bears_a_persons_name_is_a_policy() -> None:
    arbiter = CommandArbiter()
    assert arbiter.acquire("teleop/keyboard", Priority.PERSON, 0.0) == ""
    assert "may not command" in arbiter.acquire("teleop/keyboard", Priority.POLICY, 0.1) and arbiter.person(0.1)

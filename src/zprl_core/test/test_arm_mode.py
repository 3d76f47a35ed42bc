"""The table of modes: every legal transition, and what each illegal one needs first."""

import pytest

from zprl_core.arm_mode import TABLE, ArmEvent, ArmMode, IllegalTransition, next_mode

LEGAL = {
    ArmMode.DISCONNECTED: "CONNECTED ESTOP LOST",
    ArmMode.IDLE: "ENABLE STOP FAULT LOST ESTOP",
    ArmMode.STREAM: "FOLLOW SILENCE HOLD STOP FAULT LOST ESTOP",
    ArmMode.RESET: "ARRIVED HOLD STOP FAULT LOST ESTOP",
    ArmMode.HOLD: "FOLLOW SILENCE ENABLE RESET HOLD STOP FAULT LOST ESTOP",
    ArmMode.FAULT: "RECOVER FAULT LOST CONNECTED ESTOP",
    ArmMode.ESTOP: "RELEASE LOST CONNECTED ESTOP",
}


@pytest.mark.parametrize("mode", ArmMode)
@pytest.mark.parametrize("event", ArmEvent)
def test_every_transition_is_legal_or_says_what_comes_first(mode: ArmMode, event: ArmEvent) -> None:
    if event.name in LEGAL[mode].split():
        next_mode(mode, event)
    else:
        with pytest.raises(IllegalTransition, match="first"):
            next_mode(mode, event)


def test_no_way_leads_from_a_stop_to_motion_without_a_person() -> None:
    """Only arming leads out of IDLE, only recovering out of FAULT, only releasing out of ESTOP."""
    moving = (ArmMode.STREAM, ArmMode.RESET, ArmMode.HOLD)
    for standing, key in ((ArmMode.IDLE, ArmEvent.ENABLE), (ArmMode.FAULT, None), (ArmMode.ESTOP, None)):
        ways = {event for (mode, event), to in TABLE.items() if mode == standing and to in moving}
        assert ways == ({key} if key else set())

"""The mode machine as docs/design/safety.md draws it is the one that drives."""

from source_files import ROOT
from zprl_core.arm_mode import ENABLED, TABLE, ArmEvent, ArmMode

WORDS = {
    ArmEvent.CONNECTED: "connected",
    ArmEvent.ENABLE: "enable",
    ArmEvent.HOLD: "hold",
    ArmEvent.FOLLOW: "command",
    ArmEvent.SILENCE: "silence",
    ArmEvent.RESET: "reset",
    ArmEvent.ARRIVED: "motion ended",
    ArmEvent.STOP: "stop",
    ArmEvent.FAULT: "fault",
    ArmEvent.RECOVER: "recover",
    ArmEvent.RELEASE: "release",
}
FROM_ANYWHERE = (ArmEvent.LOST, ArmEvent.ESTOP)  # in the text below the diagram
TOGETHER = (ArmEvent.STOP, ArmEvent.FAULT)  # the enabled modes do the same


def diagram() -> str:
    """Mermaid's text for the table: what changes the mode."""
    arrows = ["[*] --> DISCONNECTED"]
    arrows += [f"ENABLED --> {TABLE[ArmMode.HOLD, why].name}: {WORDS[why]}" for why in TOGETHER]
    grouped: dict[tuple[ArmMode, ArmMode], list[str]] = {}
    for (mode, why), to in TABLE.items():
        apart = mode != to and why not in FROM_ANYWHERE and not (mode in ENABLED and why in TOGETHER)
        if apart:
            grouped.setdefault((mode, to), []).append(WORDS[why])
    inside = [(pair, words) for pair, words in grouped.items() if pair[0] in ENABLED and pair[1] in ENABLED]
    outside = [(pair, words) for pair, words in grouped.items() if (pair, words) not in inside]
    enabled = ["state ENABLED {", *("    " + arrow(*each) for each in inside), "}"]
    return "\n".join(
        f"    {line}" for line in [*arrows[:1], *enabled, *arrows[1:], *(arrow(*each) for each in outside)]
    )


def arrow(pair: tuple[ArmMode, ArmMode], words: list[str]) -> str:
    return f"{pair[0].name} --> {pair[1].name}: {' or '.join(words)}"


def test_the_diagram_shows_the_table() -> None:
    drawn = f"```mermaid\nstateDiagram-v2\n{diagram()}\n```"
    assert drawn in (ROOT / "docs" / "design" / "safety.md").read_text(), f"docs/design/safety.md must have\n{drawn}"


def test_what_the_diagram_leaves_out_is_the_same_from_anywhere() -> None:
    for mode in ArmMode:
        assert TABLE[mode, ArmEvent.ESTOP] == ArmMode.ESTOP
        assert TABLE[mode, ArmEvent.LOST] == (ArmMode.ESTOP if mode == ArmMode.ESTOP else ArmMode.DISCONNECTED)
    for why in TOGETHER:
        assert len({TABLE[mode, why] for mode in ENABLED}) == 1

"""The mode machine as docs/safety.md draws it is the one that drives."""

from source_files import ROOT
from zprl_core.arm_mode import ARMED, TABLE, ArmMode, Happening

WORDS = {
    Happening.CONNECTED: "connected",
    Happening.ARM: "a person arms",
    Happening.HOLD: "hold",
    Happening.FOLLOW: "a command",
    Happening.SILENCE: "silence",
    Happening.RESET: "reset",
    Happening.ARRIVED: "it stands",
    Happening.STOP: "stop",
    Happening.FAULT: "anything goes wrong",
    Happening.RECOVER: "a person recovers",
    Happening.RELEASE: "a person releases",
}
FROM_ANYWHERE = (Happening.LOST, Happening.ESTOP)  # in the text below the picture
TOGETHER = (Happening.STOP, Happening.FAULT)  # the armed modes do the same


def diagram() -> str:
    """Mermaid's text for the table: what changes the mode."""
    arrows = ["[*] --> DISCONNECTED"]
    arrows += [f"ARMED --> {TABLE[ArmMode.HOLD, why].name}: {WORDS[why]}" for why in TOGETHER]
    grouped: dict[tuple[ArmMode, ArmMode], list[str]] = {}
    for (mode, why), to in TABLE.items():
        apart = mode != to and why not in FROM_ANYWHERE and not (mode in ARMED and why in TOGETHER)
        if apart:
            grouped.setdefault((mode, to), []).append(WORDS[why])
    inside = [(pair, words) for pair, words in grouped.items() if pair[0] in ARMED and pair[1] in ARMED]
    outside = [(pair, words) for pair, words in grouped.items() if (pair, words) not in inside]
    armed = ["state ARMED {", *("    " + arrow(*each) for each in inside), "}"]
    return "\n".join(f"    {line}" for line in [*arrows[:1], *armed, *arrows[1:], *(arrow(*each) for each in outside)])


def arrow(pair: tuple[ArmMode, ArmMode], words: list[str]) -> str:
    return f"{pair[0].name} --> {pair[1].name}: {' or '.join(words)}"


def test_the_picture_shows_the_table() -> None:
    drawn = f"```mermaid\nstateDiagram-v2\n{diagram()}\n```"
    assert drawn in (ROOT / "docs" / "safety.md").read_text(), f"docs/safety.md must have\n{drawn}"


def test_what_the_picture_leaves_out_is_the_same_from_anywhere() -> None:
    for mode in ArmMode:
        assert TABLE[mode, Happening.ESTOP] == ArmMode.ESTOP
        assert TABLE[mode, Happening.LOST] == (ArmMode.ESTOP if mode == ArmMode.ESTOP else ArmMode.DISCONNECTED)
    for why in TOGETHER:
        assert len({TABLE[mode, why] for mode in ARMED}) == 1

"""The mode machine as docs/images/modes.svg draws it is the one that drives."""

from xml.etree import ElementTree

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
SVG = "{http://www.w3.org/2000/svg}"
FROM_ANYWHERE = (ArmEvent.LOST, ArmEvent.ESTOP)  # in the text below the diagram
TOGETHER = (ArmEvent.STOP, ArmEvent.FAULT)  # the enabled modes do the same


def arrows() -> dict[tuple[str, str], str]:
    """What leads from one mode to another, by the table: the words of an arrow by its ends."""
    ends = [("[*]", "DISCONNECTED", "")]
    ends += [("ENABLED", TABLE[ArmMode.HOLD, why].name, WORDS[why]) for why in TOGETHER]
    for (mode, why), to in TABLE.items():
        if mode != to and why not in FROM_ANYWHERE and not (mode in ENABLED and why in TOGETHER):
            ends.append((mode.name, to.name, WORDS[why]))
    found: dict[tuple[str, str], list[str]] = {}
    for start, end, words in ends:
        found.setdefault((start, end), []).append(words)
    return {pair: " or ".join(words) for pair, words in found.items()}


def test_the_diagram_shows_the_table() -> None:
    root = ElementTree.parse(ROOT / "docs" / "images" / "modes.svg").getroot()
    groups = [group for group in root.iter(f"{SVG}g") if group.get("data-from")]
    drawn = {(g.get("data-from"), g.get("data-to")): g.findtext(f"{SVG}text", "") for g in groups}
    assert drawn == arrows() and len(groups) == len(drawn)


def test_the_diagram_has_each_mode_once() -> None:
    root = ElementTree.parse(ROOT / "docs" / "images" / "modes.svg").getroot()
    names = [each.text for each in root.iter(f"{SVG}text") if each.text in ArmMode.__members__]
    assert sorted(names) == sorted(ArmMode.__members__)


def test_what_the_diagram_leaves_out_is_the_same_from_anywhere() -> None:
    for mode in ArmMode:
        assert TABLE[mode, ArmEvent.ESTOP] == ArmMode.ESTOP
        assert TABLE[mode, ArmEvent.LOST] == (ArmMode.ESTOP if mode == ArmMode.ESTOP else ArmMode.DISCONNECTED)
    for why in TOGETHER:
        assert len({TABLE[mode, why] for mode in ENABLED}) == 1

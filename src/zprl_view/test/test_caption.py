"""The text beside the robot."""

from zprl_view.caption import Caption


def test_what_was_not_heard_is_not_shown() -> None:
    assert Caption().text == "no episode yet\nno policy yet, weights 0"


def test_all_figures_are_shown_and_reasons_are_cut() -> None:
    caption = Caption("episode 3: started", "finetuning", 12, 2, "x" * 300, "HOLD: late", 0.62, 4000, 0.512, 0.25)
    assert caption.text.splitlines() == [
        "episode 3: started",
        "finetuning, weights 12, 2 behind",
        "success 62 % of the last episodes, 4000 updates",
        "Q 0.51, RMS(u) / RMS(z) 0.25",
        "arm: HOLD: late",
        "holds: " + "x" * 100,
    ]

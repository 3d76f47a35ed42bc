"""Whether a command may count by its header: in whose frame it is, and how old. No ROS."""


def elsewhere(topic: str, frame: str, base: str) -> str:
    """Why a command in `frame` is refused; "" in the arm's base frame, and without any."""
    if frame in ("", base):
        return ""
    return (
        f"a command on {topic} is in the frame {frame[:100]!r}, and the arm takes those in its base frame alone, "
        f"{base!r}: transform it before it is sent, and name {base!r} in its header"
    )


def late(topic: str, stamp_ns: int, now_ns: int, limit_s: float) -> str:
    """Why a command that was stamped at `stamp_ns` is refused; "" for a fresh one, and without a stamp (0).

    What was held up on its way, and comes in a burst, is not what anybody wants now. One from the future is as wrong:
    with such a clock nobody can tell what is late.
    """
    age_s = (now_ns - stamp_ns) * 1e-9
    if stamp_ns == 0 or abs(age_s) <= limit_s:
        return ""
    how = f"{age_s:.2f} s old" if age_s > 0 else f"{-age_s:.2f} s ahead"
    return (
        f"a command on {topic} is {how} by the arm node's clock, allowed are {limit_s:g} s (limits.hold_s): it was "
        f"held up, or the clocks of the two machines do not agree, as they must (chronyc tracking tells; a stamp of 0 "
        f"is not looked at)"
    )

"""Checks a command's header: its frame and its age. No ROS."""


def elsewhere(topic: str, frame: str, base: str) -> str:
    """Returns why a command in `frame` is refused; "" for the arm's base frame and for an empty frame."""
    if frame in ("", base):
        return ""
    return (
        f"a command on {topic} is in frame {frame[:100]!r}, but the arm accepts only its base frame {base!r}: "
        f"transform the command before sending it, and set frame_id to {base!r}"
    )


def late(topic: str, stamp_ns: int, now_ns: int, limit_s: float) -> str:
    """Returns why a command stamped `stamp_ns` is refused; "" if it is fresh or has no stamp (0).

    Commands that were delayed and arrive in a burst are obsolete. A stamp in the future is refused too: if the clocks
    disagree, a late command cannot be detected.
    """
    age_s = (now_ns - stamp_ns) * 1e-9
    if stamp_ns == 0 or abs(age_s) <= limit_s:
        return ""
    how = f"{age_s:.2f} s old" if age_s > 0 else f"{-age_s:.2f} s ahead"
    return (
        f"a command on {topic} is {how} by the arm node's clock, the limit is {limit_s:g} s (limits.hold_s): it was "
        f"delayed, or the clocks of the two machines disagree; check them with chronyc tracking (a stamp of 0 "
        f"disables this check)"
    )

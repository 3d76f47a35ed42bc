"""How a running graph gets on, as its topics tell it."""

from dataclasses import dataclass

RECENT = 50  # episodes that the recent success is counted over


@dataclass(frozen=True)
class RunStatus:
    """The newest state of learner and robots. Zeros until they have spoken."""

    env_steps: int = 0  # control steps in the learner's replay; without a learner, those executed
    episodes: int = 0  # ended; with a learner, over all runs of this run folder
    successes_50: int = 0  # of the newest episodes_50 that this process has heard of
    episodes_50: int = 0  # at most 50
    updates: int = 0
    update_debt: int = 0  # updates owed and not done yet
    weights_number: int = 0
    env_steps_per_s: float = 0.0
    updates_per_s: float = 0.0
    warming_up: bool = True
    learner_seen: bool = False  # whether the learner has spoken
    robots_seen: int = 0  # policies that have spoken
    held: tuple[str, ...] = ()  # "policy: why it sends no commands", for each that holds
    prompt: str = ""  # what a person shall do now
    lost_ticks: int = 0  # over all policies
    rejected: int = 0  # transitions and weights refused
    last_rejection: str = ""

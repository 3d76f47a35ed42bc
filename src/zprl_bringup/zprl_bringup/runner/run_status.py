"""Progress of a running graph, from its topics."""

from dataclasses import dataclass

SILENT_S = 5.0  # silence of the learner, which reports twice a second, after which its figures are old
RECENT = 50  # number of newest episodes in the recent success rate


@dataclass(frozen=True)
class EpisodeEnd:
    """The end of an episode, as this process received it."""

    robot: str
    episode: int
    success: bool  # without help of the operator
    counts: bool  # False: it was discarded
    source: str = ""  # origin of the label: automatic, or the operator's tool


@dataclass(frozen=True)
class RunStatus:
    """The newest state of learner and robots; zeros until their first messages arrive."""

    env_steps: int = 0  # control steps in the learner's replay buffer; without a learner, executed ones
    robot_steps: int = 0  # control steps that the policies have executed since they were started
    episodes: int = 0  # ended; with a learner, since the run folder was created
    successes_50: int = 0  # among the newest episodes_50 episodes that this process received
    episodes_50: int = 0  # at most 50
    ends: tuple[EpisodeEnd, ...] = ()  # of the newest 50 episodes, with discarded ones
    reliable: bool = False  # the learner's test of the success rate has passed
    successes_needed: int = 0  # in a row, for it to pass
    updates: int = 0
    update_debt: int = 0  # updates due and not done yet
    backlog: int = 0  # transitions in the policies' journals that the learner has not acknowledged
    weights_number: int = 0
    env_steps_per_s: float = 0.0
    updates_per_s: float = 0.0
    warming_up: bool = True
    learner_seen: bool = False  # True once the learner has published
    learner_age_s: float = 0.0  # age of its last status, to which all its figures are [s]
    robots_seen: int = 0  # number of policies that have published
    held: tuple[str, ...] = ()  # "policy: reason", for each policy that sends no commands
    waits: tuple[str, ...] = ()  # "node: what it waits for, or its problem", from /diagnostics and the arms' modes
    prompt: str = ""  # what the operator must do now
    lost_ticks: int = 0  # over all policies
    rejected: int = 0  # transitions and weights refused
    last_rejection: str = ""

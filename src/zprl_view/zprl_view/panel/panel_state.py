"""The newest state of one robot, its policy, episodes and learner, as an operator panel shows it."""

from dataclasses import dataclass, field
from enum import Enum

from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEventKind

SILENT_S = 3.0  # policy and learner report twice a second: after this silence their figures are old


class Source(Enum):
    """The origin of a part of the state."""

    POLICY = "policy"
    ARM = "arm"
    LEARNER = "learner"
    EPISODE = "episode"


@dataclass(frozen=True)
class EpisodeRow:
    """One episode."""

    number: int
    kind: EpisodeEventKind
    steps: int = 0
    source: str = ""  # origin of its label: automatic, or a person
    reason: str = ""  # why it was discarded
    stamp_ns: int = 0
    robot: str = ""

    @property
    def running(self) -> bool:
        return self.kind == EpisodeEventKind.STARTED

    @property
    def counts(self) -> bool:
        """True if it has a result: it ended and was not discarded."""
        return self.kind not in (EpisodeEventKind.STARTED, EpisodeEventKind.DISCARDED)


@dataclass(frozen=True)
class PolicyRow:
    """The policy's state, as in PolicyStatus."""

    mode: str = ""
    weights: int = 0
    weights_newest: int = 0
    weights_age_s: float = float("nan")
    frozen: bool = False
    backlog: int = 0
    blocked: str = ""
    hold_reason: str = ""
    env_steps: int = 0
    held_ticks: int = 0
    lost_ticks: int = 0
    lateness_ms: float = 0.0
    inference_ms: float = float("nan")


@dataclass(frozen=True)
class ArmRow:
    """One arm's state, as in ArmStatus. `guards`: how often each guard has acted."""

    name: str
    mode: ArmMode
    reason: str = ""
    clipped: bool = False
    guards: tuple[tuple[str, int], ...] = ()
    gripper_reason: str = ""
    person: bool = False
    late_ticks: int = 0


@dataclass(frozen=True)
class LearnerRow:
    """The learner's state, as in LearnerStatus."""

    run: str = ""
    paused: bool = False
    warming_up: bool = True
    transitions: int = 0
    env_steps: int = 0
    episodes: int = 0
    updates: int = 0
    update_debt: int = 0
    updates_per_s: float = 0.0
    weights: int = 0
    success_rate: float = float("nan")
    critic_loss: float = float("nan")
    actor_loss: float = float("nan")
    q_mean: float = float("nan")
    temperature: float = float("nan")
    rms_u: float = 0.0
    rms_z: float = 0.0
    trouble: str = ""
    rejected: int = 0


@dataclass(frozen=True)
class DiagnosticRow:
    """The newest diagnostic of one node. `level`: 0 ok, 1 warning, 2 error, 3 stale."""

    node: str
    level: int
    message: str
    values: tuple[tuple[str, str], ...] = ()
    age_s: float = 0.0  # since it was heard


@dataclass(frozen=True)
class PanelState:
    """The state of one robot, with the age of each part."""

    policy: PolicyRow = field(default_factory=PolicyRow)
    arms: tuple[ArmRow, ...] = ()
    learner: LearnerRow | None = None
    episodes: tuple[EpisodeRow, ...] = ()  # the newest ones, oldest first; the last one may be running
    diagnostics: tuple[DiagnosticRow, ...] = ()
    prompt: str = ""  # what the operator must do now
    refusal: str = ""  # why no episode starts
    ages_s: tuple[tuple[Source, float], ...] = ()  # since each source was heard; without those that never were
    services: frozenset[str] = frozenset()  # those that can be called now, relative to the robot's namespace

    @property
    def running(self) -> bool:
        """True while an episode runs, as far as was heard."""
        return bool(self.episodes) and self.episodes[-1].running

    def age_s(self, source: Source) -> float:
        """Return the time since a source was heard; infinite if it never was."""
        return dict(self.ages_s).get(source, float("inf"))

    def is_old(self, source: Source) -> bool:
        """True if a source has been silent longer than SILENT_S, so that its figures are not new."""
        return self.age_s(source) > SILENT_S

    @property
    def arm_mode(self) -> ArmMode | None:
        """The worst mode of the arms; None before one was heard."""
        modes = [arm.mode for arm in self.arms]
        return max(modes, key=lambda mode: RANK.index(mode)) if modes else None

    def results(self) -> list[bool]:
        """Return the results of the episodes that count, oldest first."""
        return [row.kind == EpisodeEventKind.SUCCESS for row in self.episodes if row.counts]


RANK = (
    ArmMode.STREAM, ArmMode.HOLD, ArmMode.RESET, ArmMode.IDLE, ArmMode.DISCONNECTED, ArmMode.FAULT, ArmMode.ESTOP,
)  # fmt: skip

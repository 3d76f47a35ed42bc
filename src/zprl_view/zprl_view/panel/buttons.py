"""The operator's buttons: what each one calls, whether it asks twice, and when it cannot be pressed."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from zprl_core import topic_names as names
from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEventKind
from zprl_view.panel.panel_state import PanelState, Source

WhyNot = Callable[[PanelState], str]


class Group(Enum):
    """Buttons that belong together."""

    EPISODE = "episode"
    ARM = "arm"
    POLICY = "policy"
    LEARNER = "learner"


@dataclass(frozen=True)
class Button:
    """One button. `service` is relative to the robot's namespace; `argument` fills its request."""

    name: str
    label: str
    group: Group
    service: str
    argument: int | bool | None = (
        None  # label, mode, or data; None for a service without one, or a number that is asked for
    )
    key: str = ""  # keyboard shortcut
    moves: bool = False  # it makes the arm move, or lets it: a click asks again
    asks_number: bool = False  # the request has a number that the operator gives
    stops: bool = False  # always visible, never disabled, asks nothing
    why_not: WhyNot = lambda state: ""
    help: str = ""

    def refusal(self, state: PanelState) -> str:
        """Return why the button cannot be pressed now; "" if it can."""
        if self.stops:
            return ""
        if self.service not in state.services:
            return f"no node offers {self.service}"
        return self.why_not(state)


def _running(state: PanelState) -> str:
    return "" if state.running else "no episode is running"


def _not_running(state: PanelState) -> str:
    return "an episode is running" if state.running else ""


def _prompted(state: PanelState) -> str:
    return "" if state.prompt else "nothing is asked for"


def _in_mode(*modes: ArmMode) -> WhyNot:
    names = " or ".join(mode.name for mode in modes)

    def why_not(state: PanelState) -> str:
        if state.arm_mode is None:
            return "no arm was heard yet"
        return "" if state.arm_mode in modes else f"the arm is in {state.arm_mode.name}, not {names}"

    return why_not


def _not_in_policy_mode(mode: str) -> WhyNot:
    return lambda state: f"the policy is in mode {mode}" if state.policy.mode == mode else ""


def _paused(paused: bool) -> WhyNot:
    def why_not(state: PanelState) -> str:
        if state.learner is None or state.is_old(Source.LEARNER):
            return "no learner is heard"
        if state.learner.paused == paused:
            return ""
        return "the learner is not paused" if paused else "the learner is paused"

    return why_not


def _frozen(frozen: bool) -> WhyNot:
    def why_not(state: PanelState) -> str:
        if state.policy.frozen == frozen:
            return ""
        return "the weights are not frozen" if frozen else "the weights are frozen"

    return why_not


M = ArmMode
BUTTONS = (
    Button("start", "Start episode", Group.EPISODE, names.EPISODE_RESET, key="n", moves=True, why_not=_not_running,
           help="request the next episode: the arm moves to its start"),
    Button("success", "Success", Group.EPISODE, names.EPISODE_LABEL, int(EpisodeEventKind.SUCCESS), "s",
           why_not=_running),
    Button("failure", "Failure", Group.EPISODE, names.EPISODE_LABEL, int(EpisodeEventKind.FAILURE), "f",
           why_not=_running),
    Button("discard", "Discard", Group.EPISODE, names.EPISODE_LABEL, int(EpisodeEventKind.DISCARDED), "d",
           why_not=_running, help="end the episode without a result"),
    Button("confirm", "Scene is ready", Group.EPISODE, names.OPERATOR_CONFIRM, key="c", moves=True, why_not=_prompted,
           help="confirm what the operator node asks for"),
    Button("estop", "EMERGENCY STOP", Group.ARM, names.ARM_ESTOP, key="Escape", stops=True,
           help="software stop; it does not replace the button on the desk"),
    Button("hold", "Hold", Group.ARM, names.ARM_HOLD, key="h", why_not=_in_mode(M.STREAM, M.RESET, M.HOLD),
           help="stay where it is; enable ends this"),
    Button("enable", "Enable", Group.ARM, names.ARM_ENABLE, key="e", moves=True, why_not=_in_mode(M.IDLE, M.HOLD),
           help="let the arm follow commands"),
    Button("stop", "Stop", Group.ARM, names.ARM_STOP, why_not=_in_mode(M.STREAM, M.RESET, M.HOLD),
           help="brake and follow nothing"),
    Button("recover", "Recover", Group.ARM, names.ARM_RECOVER, why_not=_in_mode(M.FAULT),
           help="clear the fault; the arm then needs to be enabled"),
    Button("release", "Release emergency stop", Group.ARM, names.ARM_RELEASE, moves=True, why_not=_in_mode(M.ESTOP)),
    Button("home_gripper", "Home gripper", Group.ARM, names.ARM_HOME_GRIPPER, moves=True,
           help="the fingers find their ends"),
    Button("base", "Base alone", Group.POLICY, names.POLICY_SET_MODE, 0, why_not=_not_in_policy_mode("base")),
    Button("finetune", "Finetune", Group.POLICY, names.POLICY_SET_MODE, 1, why_not=_not_in_policy_mode("finetune"),
           help="explore, and send transitions to the learner"),
    Button("evaluate", "Evaluate", Group.POLICY, names.POLICY_SET_MODE, 2, why_not=_not_in_policy_mode("evaluate"),
           help="play the newest weights without exploration"),
    Button("policy_hold", "Policy holds", Group.POLICY, names.POLICY_SET_MODE, 3, why_not=_not_in_policy_mode("hold")),
    Button("freeze", "Freeze weights", Group.POLICY, names.POLICY_FREEZE, True, why_not=_frozen(False)),
    Button("follow", "Follow the learner", Group.POLICY, names.POLICY_FREEZE, False, why_not=_frozen(True)),
    Button("roll_back", "Roll back to weights", Group.POLICY, names.POLICY_ROLL_BACK, asks_number=True,
           help="use earlier weights, and freeze them"),
    Button("pause", "Pause learner", Group.LEARNER, names.LEARNER_PAUSE, why_not=_paused(False),
           help="no updates; transitions are stored"),
    Button("resume", "Resume learner", Group.LEARNER, names.LEARNER_RESUME, why_not=_paused(True)),
)  # fmt: skip


def button_named(name: str) -> Button:
    """Return the button of this name. Raises ValueError."""
    for button in BUTTONS:
        if button.name == name:
            return button
    raise ValueError(f"there is no button {name[:50]!r}; known are {', '.join(each.name for each in BUTTONS)}")

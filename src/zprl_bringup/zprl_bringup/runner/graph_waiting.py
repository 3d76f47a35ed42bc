"""Says what a running graph waits for: nodes that do not report or have a problem, an operator, or a held policy."""

from dataclasses import dataclass, field
from pathlib import Path

from zprl_bringup.graph.spec import Graph
from zprl_bringup.runner.run_status import RunStatus
from zprl_core.waiting import Waiting


@dataclass
class GraphWaiting:
    """Finds what the graph waits for in its status. Times are of a steady clock [s]."""

    graph: Graph
    log_folder: Path
    _silent: Waiting = field(default_factory=Waiting)
    _stalled: Waiting = field(default_factory=Waiting)
    _ailing: dict[str, Waiting] = field(default_factory=dict)  # by node
    _steps: int = -1

    def message(self, now: RunStatus, now_s: float) -> str:
        """Return the line to show now; "" when none is due."""
        silent = self._silent_nodes(now)
        look_at = f"see {self.log_folder}; Ctrl-C stops everything"
        if silent or now.robot_steps != self._steps or not self.graph.find("policy_node"):
            self._steps = now.robot_steps
            self._stalled.message("", "", now_s)
            said = self._silent.message(silent, look_at, now_s)
            return said if silent else self._problem(now, now_s)
        self._silent.message("", "", now_s)
        you = (f"you: {now.prompt}",) if now.prompt else ()
        reasons = "; ".join(dict.fromkeys((*now.held, *now.waits, *you)))
        return self._stalled.message("the next control step", reasons or look_at, now_s)

    def _problem(self, now: RunStatus, now_s: float) -> str:
        """Return the line about the nodes that have had a problem for long, while the others go on."""
        problems = dict(words.split(": ", 1) for words in now.waits)
        for node in problems:
            self._ailing.setdefault(node, Waiting())
        said = [
            w.message(node if node in problems else "", problems.get(node, ""), now_s)
            for node, w in self._ailing.items()
        ]
        return "; ".join(filter(None, said))

    def _silent_nodes(self, now: RunStatus) -> str:
        """Return the nodes that have not reported yet."""
        learners = [] if now.learner_seen else [node.label for node in self.graph.find("learner_node")]
        policies = [node.label for node in self.graph.find("policy_node")]
        missing = len(policies) - now.robots_seen
        if missing > 0:
            few = "" if missing == len(policies) else f"{missing} of "
            learners.append(few + ", ".join(policies))
        return " and ".join(learners)

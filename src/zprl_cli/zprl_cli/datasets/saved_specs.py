"""The task and the specs of demonstrations, as an export of zprl contains them, so that an import needs no mapping."""

import json
from dataclasses import dataclass

from zprl_core.action_spec import ActionSpec
from zprl_core.errors import quoted
from zprl_core.observation_spec import ObservationSpec

VERSION = 1


@dataclass(frozen=True)
class SavedSpecs:
    """The task of demonstrations, and the format of their observations and actions."""

    task: str
    observation: ObservationSpec
    action: ActionSpec

    def to_text(self) -> str:
        """Returns the specs as JSON."""
        specs = {"observation": self.observation.to_json(), "action": self.action.to_json()}
        return json.dumps({"version": VERSION, "task": self.task, **specs})

    @classmethod
    def from_text(cls, text: str) -> "SavedSpecs":
        """Rebuilds the specs that `to_text` returned. Raises ValueError for another text."""
        try:
            value = json.loads(text)
            if value["version"] != VERSION:
                raise ValueError(f"version {quoted(value['version'])} of its specs is unknown; use a newer zprl")
            observation, action = ObservationSpec.from_json(value["observation"]), ActionSpec.from_json(value["action"])
            return cls(str(value["task"]), observation, action)
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise ValueError(f"the specs that zprl wrote into it cannot be read: {quoted(error)}") from None

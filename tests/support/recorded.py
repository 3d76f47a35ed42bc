"""What the record of a run holds."""

from zprl.checkpoints.checkpoint import load_base
from zprl.checkpoints.run_folder import RunFolder
from zprl.delivery import replay_log
from zprl.delivery.segment import Stored
from zprl.delivery.transition_codec import Decoder
from zprl.rl.config import FinetuneConfig
from zprl.rl.steering import make_steering
from zprl.rl.transition import Transition
from zprl.training.finetune import problem_size


def transitions(folder: RunFolder, config: FinetuneConfig) -> list[Transition]:
    """The stored transitions, in order."""
    base = load_base(folder.base)
    decoder = Decoder(problem_size(base, make_steering(base, config.steering)))
    stored = [entry for entry in replay_log.read(folder.record) if isinstance(entry, Stored)]
    return [decoder.decode(entry.data).transition for entry in stored]

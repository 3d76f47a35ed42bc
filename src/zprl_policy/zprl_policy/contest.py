"""Lets two policies with one base play in random order, episode by episode, for a blind comparison."""

from zprl.models.actor import Actor
from zprl.rl.blind_order import plays_b
from zprl.rl.config import Mode
from zprl.rl.residual_policy import ResidualPolicy


class Contest:
    """Chooses who plays before each episode: A is the base, or another actor; B is the policy's own actor."""

    def __init__(self, policy: ResidualPolicy, seed: int, a: tuple[Actor, int] | None, b: tuple[Actor, int]):
        """`a`, `b`: actor and version of its weights; None: the base alone."""
        self._policy, self._seed = policy, seed
        self._players = a, b

    def start(self, episode: int) -> None:
        """Prepares the policy for an episode, which is to start next."""
        player = self._players[plays_b(self._seed, episode)]
        self._policy.mode = Mode.BASE if player is None else Mode.EVALUATE
        if player is not None:
            self._policy.load(*player)

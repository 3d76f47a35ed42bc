"""Divides each batch of offline training among processes, so that together they compute what one would."""

from dataclasses import dataclass

from lightning_fabric import Fabric


@dataclass(frozen=True)
class BatchShare:
    """The rows of each batch that one process computes.

    Every process draws the whole batch from the same generator and takes its rows, so that the number of processes
    changes nothing but the order in which floating-point numbers are added.
    """

    batch: int
    rank: int = 0
    world_size: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.world_size:
            raise ValueError(f"process {self.rank} is none of {self.world_size}")
        if self.world_size > self.batch:
            raise ValueError(
                f"a batch of {self.batch} cannot be shared by {self.world_size} processes; give fewer --devices or "
                "--nodes"
            )

    @property
    def rows(self) -> slice:
        """The rows of this process: where the batch does not divide, some have one row more than others."""
        return slice(self._first(self.rank), self._first(self.rank + 1))

    @property
    def weight(self) -> float:
        """The factor of this process's mean loss with which the mean over all processes is that of the whole batch."""
        return (self.rows.stop - self.rows.start) * self.world_size / self.batch

    def _first(self, rank: int) -> int:
        return rank * self.batch // self.world_size


def share_of(fabric: Fabric, batch: int) -> BatchShare:
    """Returns the share of this process."""
    return BatchShare(batch, fabric.global_rank, fabric.world_size)

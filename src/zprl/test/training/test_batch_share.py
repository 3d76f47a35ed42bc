"""Shares of a batch: together they are the batch, and their weighted gradients average to its gradient."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl.training.batch_share import BatchShare


def test_the_average_of_weighted_gradients_is_that_of_the_whole_batch() -> None:
    """Loss (w - x)^2 at w = 1 for the rows 0, 3, 6: the gradient of the mean is 2 (1 - 3) = -4.

    Two processes have the rows 0 and (3, 6), with the gradients 2 (1 - 0) = 2 and 2 (1 - 4.5) = -7, and the weights
    2/3 and 4/3: (2 * 2/3 - 7 * 4/3) / 2 = -4. Without weights it would be -2.5.
    """
    rows, found = [0.0, 3.0, 6.0], []
    for share in (BatchShare(3, rank, 2) for rank in range(2)):
        own = rows[share.rows]
        found.append(share.weight * 2 * (1 - sum(own) / len(own)))
    assert sum(found) / 2 == pytest.approx(-4.0)


def test_one_process_has_the_whole_batch_with_weight_one() -> None:
    share = BatchShare(64)
    assert (share.rows, share.weight) == (slice(0, 64), 1.0)


@given(st.integers(1, 300), st.integers(1, 40))
def test_every_row_is_in_one_share_and_none_is_empty(batch: int, world_size: int) -> None:
    if world_size > batch:
        with pytest.raises(ValueError, match=f"a batch of {batch} cannot be shared by {world_size} processes"):
            BatchShare(batch, 0, world_size)
        return
    shares = [BatchShare(batch, rank, world_size) for rank in range(world_size)]
    assert [row for share in shares for row in range(batch)[share.rows]] == list(range(batch))
    sizes = {share.rows.stop - share.rows.start for share in shares}
    assert min(sizes) >= 1 and max(sizes) - min(sizes) <= 1
    assert sum(share.weight for share in shares) == pytest.approx(world_size)

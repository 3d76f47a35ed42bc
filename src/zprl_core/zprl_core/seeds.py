"""Seeds reserved for training and for evaluation."""

HELD_OUT = 1_000_000  # evaluation uses seeds from here on; training never does

TRAINING_SEEDS = 10_000  # reset seeds of one run: seed * this + episode, below HELD_OUT

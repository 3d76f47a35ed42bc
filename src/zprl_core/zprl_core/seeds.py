"""Which seeds are for training and which for evaluation."""

HELD_OUT = 1_000_000  # evaluation resets with seeds from here on, which training never uses

TRAINING_SEEDS = 10_000  # seeds of one run's resets: seed * this + episode, below HELD_OUT

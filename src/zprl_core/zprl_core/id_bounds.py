"""Upper bounds of counters received from outside; a higher value is refused, so that no counter overflows."""

HIGHEST = (1 << 48) - 1  # for sequences, updates, control steps and weights; none of them gets this far
MOST_AHEAD = 1 << 32  # largest increase by one message: more than a robot or a learner produces in ten years
LAST_EPISODE = (1 << 31) - 1  # half of what messages can carry, so that counting can continue after a wrong value

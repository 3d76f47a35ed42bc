"""How high a number from outside may be. A higher one is refused, so that nothing that is counted from it overflows."""

HIGHEST = (1 << 48) - 1  # sequences, updates, control steps, weights: none of them counts so far
MOST_AHEAD = 1 << 32  # one message moves a count by less: more than a robot makes, or a learner gives out, in ten years
LAST_EPISODE = (1 << 31) - 1  # half of what messages can carry: a number that is wrong leaves room to count on

"""Guards between any source of commands and an arm: pure functions, one mode machine, one writer."""

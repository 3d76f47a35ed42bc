"""The launch graph as data: nodes, parameters, stations."""

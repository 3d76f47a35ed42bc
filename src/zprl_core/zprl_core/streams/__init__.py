"""The streams that a policy observes: their samples by stamp, and the gate that judges them."""

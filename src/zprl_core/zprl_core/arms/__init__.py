"""Tables of arms."""

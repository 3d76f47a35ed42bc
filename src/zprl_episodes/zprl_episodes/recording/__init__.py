"""Recording of episodes as bags."""

"""The bags of recorded episodes: list, check, repair, and demonstrations from them."""

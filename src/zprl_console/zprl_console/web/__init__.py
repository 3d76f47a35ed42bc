"""The page of the console and its server."""

"""The plugin that rqt loads."""

"""Playback of recorded episodes on an arm."""

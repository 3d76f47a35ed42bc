"""Nodes that stand beside robot, policy and learner: recorder, teleoperation, playback, view."""

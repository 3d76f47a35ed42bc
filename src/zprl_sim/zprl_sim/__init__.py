"""Simulated tasks for zprl: MuJoCo scenes, scripted experts, and a node with the interface of a real robot."""

"""Reinforcement learning on the latent: SAC, replay, transitions and presets."""

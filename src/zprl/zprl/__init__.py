"""ZPRL: steer a frozen flow policy by its bottleneck latent (arXiv 2605.19919)."""

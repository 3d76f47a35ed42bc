"""ZPRL: steers a frozen flow policy through its bottleneck latent (arXiv 2605.19919)."""

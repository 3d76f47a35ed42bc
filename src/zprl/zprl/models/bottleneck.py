"""The decoupled variational information bottleneck: Enc, Dec and their losses (method.md, offline)."""

import torch
from torch import Tensor, nn

from zprl.models.mlp import mlp


def kl_to_standard_normal(mu: Tensor, logvar: Tensor) -> Tensor:
    """Returns the mean over batch AND dimensions of 1/2 (mu^2 + exp(logvar) - 1 - logvar)."""
    return 0.5 * (mu.square() + logvar.exp() - 1.0 - logvar).mean()


def sample_latent(mu: Tensor, logvar: Tensor, n: Tensor) -> Tensor:
    """Returns z = mu + exp(logvar / 2) n, all (B, Z)."""
    return mu + (0.5 * logvar).exp() * n


class Bottleneck(nn.Module):
    """Enc: e (B, E) -> mu, logvar (B, Z).  Dec: z (B, Z) -> e_hat (B, E)."""

    def __init__(self, embedding_dim: int, latent_dim: int, hidden: int = 256):
        super().__init__()
        self.encoder = mlp(embedding_dim, 2 * latent_dim, hidden)
        self.decoder = mlp(latent_dim, embedding_dim, hidden)

    def encode(self, e: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the posterior (mu, logvar) for an embedding."""
        mu, logvar = self.encoder(e).chunk(2, dim=-1)
        return mu, logvar.clamp(-10.0, 4.0)

    def decode(self, z: Tensor) -> Tensor:
        """Returns the embedding e_hat for a latent."""
        e_hat: Tensor = self.decoder(z)
        return e_hat


def reconstruction(e_hat: Tensor, e: Tensor) -> Tensor:
    """Returns || e_hat - stop_grad(e) ||^2, averaged over batch and dimensions."""
    return torch.nn.functional.mse_loss(e_hat, e.detach())

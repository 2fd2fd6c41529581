"""Adaptive average pooling whose gradient repeats on a GPU, where PyTorch's own adds up in no fixed order."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d


class AdaptiveAveragePool(nn.Module):
    """(B, C, H, W) -> (B, C, side, side): the mean of each cell of a grid, whose cells overlap where H < side."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, x: Tensor) -> Tensor:
        """Pytorch's pooling; on a GPU with the gradient below."""
        if x.is_cuda:
            return _Pool.apply(x, self.side)  # type: ignore[no-any-return]
        return adaptive_avg_pool2d(x, self.side)

    def extra_repr(self) -> str:
        """What its printed form says."""
        return f"side={self.side}"


class _Pool(torch.autograd.Function):
    """The mean over rows and then over columns is a product with a matrix each, and so is its gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, side: int) -> Tensor:
        ctx.height, ctx.width = x.shape[2:]
        return adaptive_avg_pool2d(x, side)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (given,) = gradients
        rows, columns = (_means(given.shape[-1], length, given.device) for length in (ctx.height, ctx.width))
        return (rows.T @ given.to(rows.dtype) @ columns).to(given.dtype), None


def _means(cells: int, length: int, device: torch.device) -> Tensor:
    """(cells, length): cell i is the mean of floor(i length / cells) to before ceil((i + 1) length / cells)."""
    cell, place = torch.arange(cells, device=device)[:, None], torch.arange(length, device=device)
    first, after = cell * length // cells, -(-(cell + 1) * length // cells)
    inside = ((place >= first) & (place < after)).float()
    return inside / inside.sum(dim=1, keepdim=True)

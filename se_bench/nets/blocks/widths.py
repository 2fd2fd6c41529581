"""The reduced width of a bottleneck, and the adaptive kernel: the two places where a design is rounded.

Libraries disagree on the width (FACTS.md section 2), so one function decides it, and the width that is built is
part of an architecture's identity. Nothing is rounded anywhere else.
"""

from __future__ import annotations

import math

TIMM_DIVISOR = 8
_KEPT_SHARE = 0.9


def hidden_width(channels: int, reduction: int, rule: str = "round", min_width: int = 1) -> int:
    """The hidden width of ``channels`` reduced by ``reduction``, never 0.

    Args:
        channels: C, at least 1.
        reduction: r, at least 1.
        rule: ``round``: ``max(min_width, round(C / r))``, halves to the even neighbour; ``floor``:
            ``max(min_width, C // r)`` as Cadene's, moskomule's and pytorchcv's; ``timm``: C / r to the nearest
            multiple of 8, at least 8 (``SEModule``, rd_divisor 8, round_limit 0); ``mobilenet_v3``: the same of
            C // r, one multiple more where that lost over a tenth (``_make_divisible``).
        min_width: the least width, for the first two rules.
    """
    if rule == "round":
        return max(min_width, round(channels / reduction))
    if rule == "floor":
        return max(min_width, channels // reduction)
    if rule == "timm":
        return _to_multiple(channels / reduction)
    if rule == "mobilenet_v3":
        wanted = channels // reduction
        width = _to_multiple(wanted)
        return width + TIMM_DIVISOR if width < _KEPT_SHARE * wanted else width
    raise ValueError(f"no rule {rule!r} for the hidden width")


def adaptive_kernel(channels: int) -> int:
    """ECA-Net's kernel size (Wang et al., arXiv 1910.03151, equation 12, γ = 2, b = 1).

    ``t = int(|log2(C) / 2 + 1 / 2|)``, the next odd number where that is even, as the reference code rounds: 3 up
    to 64 channels, 5 up to 1024, 7 for 2048.
    """
    size = int(abs(math.log2(channels) / 2 + 0.5))
    return size if size % 2 else size + 1


def _to_multiple(width: float) -> int:
    return max(TIMM_DIVISOR, int(width + TIMM_DIVISOR / 2) // TIMM_DIVISOR * TIMM_DIVISOR)

"""FcaNet against SciPy's DCT of the pooled map."""

import numpy as np
import pytest
import torch
from scipy.fft import dctn
from torch.nn import functional as F

from se_bench.nets.blocks.fca import FREQUENCIES, FcaNet, _filters
from tests.nets.blocks.making import arrays, block, maps

SIZES = [(1, 1), (3, 5), (7, 7), (8, 8), (14, 7), (16, 16), (32, 20)]


def spectrum(x, channels):
    """``(N, C)``: the component of each channel's frequency in the orthonormal DCT-II of its 7 x 7 map."""
    pooled = F.adaptive_avg_pool2d(x, 7).numpy()
    components = dctn(pooled, type=2, norm="ortho", axes=(2, 3))
    chosen = [FREQUENCIES[channel * 16 // channels] for channel in range(channels)]
    return np.stack([components[:, c, u, v] for c, (u, v) in enumerate(chosen)], axis=1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [5, 16, 40, 64])
def test_the_squeeze_is_the_cosine_transform_of_the_pooled_map(size, channels):
    x = maps(3, channels, *size)
    np.testing.assert_allclose(block("fca", channels).squeeze(x), spectrum(x, channels), rtol=0, atol=1e-9)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("bias", [False, True])
def test_the_block_is_its_equation(size, bias):
    module = block("fca", 32, reduction=4, bias=bias)
    x, state = maps(3, 32, *size), arrays(module)
    hidden = np.maximum(spectrum(x, 32) @ state["excite.down.weight"].T + state.get("excite.down.bias", 0), 0)
    logits = hidden @ state["excite.up.weight"].T + state.get("excite.up.bias", 0)
    expected = x.numpy() / (1 + np.exp(-logits))[:, :, None, None]
    np.testing.assert_allclose(module(x).detach(), expected, rtol=0, atol=1e-9)


def test_the_frequencies_are_the_authors_sixteen_best_in_their_order():
    """``top16`` of github.com/cfzd/FcaNet, model/layer.py: first the rows' frequencies, then the columns'."""
    rows, columns = zip(*FREQUENCIES, strict=True)
    assert rows == (0, 0, 6, 0, 0, 1, 1, 4, 5, 1, 3, 0, 0, 0, 3, 2)
    assert columns == (0, 1, 0, 5, 2, 0, 2, 0, 0, 6, 0, 4, 6, 3, 5, 2)


def test_there_are_sixteen_different_frequencies_and_the_mean_is_the_first():
    assert FREQUENCIES[0] == (0, 0)
    assert len(set(FREQUENCIES)) == 16
    assert all(0 <= frequency < 7 for pair in FREQUENCIES for frequency in pair)
    x = maps(2, 32, 14, 14)
    lowest = block("fca", 32).squeeze(x)[:, :2]
    torch.testing.assert_close(lowest, 7 * x[:, :2].mean(dim=(2, 3)))


@pytest.mark.parametrize("size", [(7, 7), (10, 4)])
def test_all_but_the_lowest_frequency_are_blind_to_a_constant(size):
    z = block("fca", 32).squeeze(torch.ones(1, 32, *size, dtype=torch.float64))
    assert (z[:, :2] - 7).abs().max() < 1e-12
    assert z[:, 2:].abs().max() < 1e-12


def test_the_parts_are_equal_where_sixteen_divides_the_channels():
    filters = _filters(48, 7, 7, torch.device("cpu"), torch.float64)
    parts = filters.reshape(16, 3, 49)
    assert torch.equal(parts, parts[:, :1].expand_as(parts))
    gram = parts[:, 0] @ parts[:, 0].T
    torch.testing.assert_close(gram, torch.eye(16, dtype=torch.float64))  # orthonormal


def test_its_filters_are_no_parameters_and_no_state():
    assert set(block("fca", 32).state_dict()) == {"excite.down.weight", "excite.up.weight"}


def test_filters_that_an_evaluation_made_serve_training():
    module = FcaNet(16, hidden=4, bias=False)
    x = maps(2, 16, 9, 11).float()
    _filters.cache_clear()
    with torch.inference_mode():
        evaluated = module(x)
    x = x.requires_grad_()
    out = module(x)
    out.sum().backward()
    assert torch.equal(out, evaluated)
    assert x.grad.isfinite().all()


def test_single_and_double_precision_have_filters_of_their_own():
    single, double = (_filters(16, 6, 6, torch.device("cpu"), kind) for kind in (torch.float32, torch.float64))
    assert (single.dtype, double.dtype) == (torch.float32, torch.float64)
    assert torch.equal(double.float(), single)

"""The equations of the field in plain NumPy, double precision; nothing here calls torch or se_bench."""

import numpy as np

EPSILON = 1e-5


def convolve(x, weight, *, stride=1, padding=0):
    """Cross-correlation (N, C_in, H, W) * (C_out, C_in, k, k), no bias."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwij,ocij->nohw", windows, weight)


def normalise(x, state, name):
    """BatchNorm in evaluation mode."""
    mean, variance, scale, shift = (
        state[f"{name}.{part}"][:, None, None] for part in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / np.sqrt(variance + EPSILON) * scale + shift


def relu(x):
    return np.maximum(x, 0)


def squeeze_excite(u, state, name, *, squeeze="avg", gate="sigmoid"):
    """Hu et al., arXiv 1709.01507v4, equations 2-4, with the parameters below ``name``."""
    z = {"avg": np.mean, "max": np.max}[squeeze](u, axis=(2, 3))
    hidden = relu(z @ state[f"{name}excite.down.weight"].T + state.get(f"{name}excite.down.bias", 0))
    logits = hidden @ state[f"{name}excite.up.weight"].T + state.get(f"{name}excite.up.bias", 0)
    if gate == "sigmoid":
        scales = 1 / (1 + np.exp(-logits))
    else:
        scales = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return u * scales[:, :, None, None]


def basic_branch(x, state, name, stride):
    """Conv 3x3, BatchNorm, ReLU, conv 3x3, BatchNorm."""
    out = convolve(x, state[f"{name}.conv1.weight"], stride=stride, padding=1)
    out = relu(normalise(out, state, f"{name}.norm1"))
    return normalise(convolve(out, state[f"{name}.conv2.weight"], padding=1), state, f"{name}.norm2")


def shortcut(x, state, name, kind, channels, stride):
    """He et al., arXiv 1512.03385, Section 3.3: identity, zero padding (A) or projection (B)."""
    if stride == 1 and x.shape[1] == channels:
        return x
    if kind == "B":
        return normalise(convolve(x, state[f"{name}.0.weight"], stride=stride), state, f"{name}.1")
    strided = x[:, :, ::stride, ::stride]
    empty = np.zeros((len(x), channels - x.shape[1], *strided.shape[2:]))
    return np.concatenate([strided, empty], axis=1)


def residual_unit(x, state, name, *, kind, channels, stride, integration=None):
    """``relu(x + F(x))`` with the block nowhere, on the branch (standard) or after the ReLU (post)."""
    branch = basic_branch(x, state, f"{name}branch", stride)
    other = shortcut(x, state, f"{name}shortcut", kind, channels, stride)
    if integration == "standard":
        branch = squeeze_excite(branch, state, f"{name}block.")
    out = relu(branch + other)
    return squeeze_excite(out, state, f"{name}block.") if integration == "post" else out


def cifar_resnet(x, state, *, units, width, kind, integration=None):
    """Logits of a whole CIFAR ResNet (He et al., Section 4.2)."""
    x = relu(normalise(convolve(x, state["stem.conv.weight"], padding=1), state, "stem.norm"))
    for stage in (1, 2, 3):
        for unit in range(units):
            x = residual_unit(
                x,
                state,
                f"stage{stage}.{unit}.",
                kind=kind,
                channels=width * 2 ** (stage - 1),
                stride=2 if stage > 1 and unit == 0 else 1,
                integration=integration,
            )
    return x.mean((2, 3)) @ state["classifier.weight"].T + state["classifier.bias"]

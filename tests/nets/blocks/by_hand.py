"""The SE block's parts in plain NumPy, double precision; nothing here calls torch or se_bench."""

import numpy as np

EPSILON = 1e-5


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(x, 0)


def hard_sigmoid(x):
    return np.clip(x + 3, 0, 6) / 6


def softmax(x):
    exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


GATES = {
    "sigmoid": sigmoid,
    "softmax": softmax,
    "softmax_scaled": lambda x: x.shape[-1] * softmax(x),
    "tanh": np.tanh,
    "relu": relu,
    "hard_sigmoid": hard_sigmoid,
    "identity": lambda x: x,
}


def mean(u):
    return u.mean(axis=(2, 3))


def maximum(u):
    return u.max(axis=(2, 3))


def deviation(u):
    return np.sqrt(((u - u.mean(axis=(2, 3), keepdims=True)) ** 2).mean(axis=(2, 3)) + EPSILON)


def expectation(u):
    """Zeiler & Fergus, arXiv 1301.3557: the sum of activations weighted by their probabilities."""
    out = np.empty(u.shape[:2])
    for image, maps in enumerate(u):
        for channel, plane in enumerate(maps):
            positive = plane[plane > 0]
            out[image, channel] = (positive**2).sum() / positive.sum() if len(positive) else plane.mean()
    return out


# Each gives the list of descriptors (..., C) whose logits are added.
SQUEEZES = {
    "avg": lambda u: [mean(u)],
    "max": lambda u: [maximum(u)],
    "std": lambda u: [deviation(u)],
    "avg_max": lambda u: [mean(u), maximum(u)],
    "avg_std": lambda u: [mean(u), deviation(u)],
    "stochastic": lambda u: [expectation(u)],
    "none": lambda u: [np.moveaxis(u, 1, -1)],
}


def slide(z, kernel, bias=0.0):
    """Cross-correlation along the last axis, zeros beyond both ends."""
    half = len(kernel) // 2
    padded = np.pad(z, [(0, 0)] * (z.ndim - 1) + [(half, half)])
    length = z.shape[-1]
    return bias + sum(weight * padded[..., tap : tap + length] for tap, weight in enumerate(kernel))


def bottleneck(z, state):
    hidden = relu(z @ state["down.weight"].T + state.get("down.bias", 0))
    return hidden @ state["up.weight"].T + state.get("up.bias", 0)


def block_diagonal(z, state, groups):
    """One matrix for each group of channels."""
    length = z.shape[-1] // groups
    weight = state["layer.weight"].reshape(groups, length, length)
    parts = [z[..., g * length : (g + 1) * length] @ weight[g].T for g in range(groups)]
    return np.concatenate(parts, axis=-1) + state.get("layer.bias", 0)


def grouped_slide(z, state, groups):
    """The grouped shared excitation on the descriptor; with one kernel in the state it serves all groups."""
    length = z.shape[-1] // groups
    kernels, biases = state["layer.weight"][:, 0], state.get("layer.bias", np.zeros(groups))
    parts = []
    for group in range(groups):
        own = group % len(kernels)
        parts.append(slide(z[..., group * length : (group + 1) * length], kernels[own], biases[own % len(biases)]))
    return np.concatenate(parts, axis=-1)


def grouped_convolution(u, state, groups):
    """The grouped shared excitation on the map: a depthwise convolution, if there is one, and a pointwise one."""
    pointwise = state.get("layer.weight", state.get("layer.1.weight"))
    bias = state.get("layer.bias", state.get("layer.1.bias", np.zeros(len(pointwise))))
    length = u.shape[1] // groups
    out = np.empty_like(u)
    for channel in range(u.shape[1]):
        group, own = divmod(channel, length)
        row = channel if len(pointwise) == u.shape[1] else own
        out[:, channel] = bias[row]
        for other in range(length):
            plane = u[:, group * length + other]
            if "layer.0.weight" in state:
                source = group * length + other if len(pointwise) == u.shape[1] else other
                plane = slide_plane(plane, state["layer.0.weight"][source, 0])
            out[:, channel] += pointwise[row, other, 0, 0] * plane
    return out


def slide_plane(plane, kernel):
    """Cross-correlation of ``(N, H, W)`` with one ``(k, k)`` kernel, zeros around."""
    half = len(kernel) // 2
    padded = np.pad(plane, ((0, 0), (half, half), (half, half)))
    height, width = plane.shape[1:]
    return sum(
        kernel[i, j] * padded[:, i : i + height, j : j + width] for i in range(len(kernel)) for j in range(len(kernel))
    )


def with_global_weight(logits, z, state):
    """``+ λ mean_c(z)`` where there is a λ."""
    return logits + state["global_weight"] * z.mean(axis=-1, keepdims=True) if "global_weight" in state else logits


def excite(z, name, state, groups):
    if name == "bottleneck":
        return bottleneck(z, state)
    if name == "full":
        return z @ state["layer.weight"].T + state.get("layer.bias", 0)
    if name == "diagonal":
        return z * state["layer.weight"].reshape(-1) + state.get("layer.bias", 0)
    if name == "parameter_free":
        return z
    if name == "grouped_full":
        return block_diagonal(z, state, groups)
    if name == "conv1d":
        return slide(z, state["layer.weight"][0, 0], state.get("layer.bias", 0.0))
    raise ValueError(name)


def squeeze_excite(u, state, *, squeeze, excitation, gate, groups=1, reading="descriptor"):
    """``U`` scaled: the parts above in the order of the paper's Figure 2."""
    state = {name.removeprefix("excite."): value for name, value in state.items()}
    seen = grouped_convolution(u, state, groups) if (excitation, reading) == ("grouped_shared", "spatial") else u
    logits = 0
    for z in SQUEEZES[squeeze](seen):
        if excitation != "grouped_shared":
            logits = logits + excite(z, excitation, state, groups)
        else:
            alone = z if reading == "spatial" else grouped_slide(z, state, groups)
            logits = logits + with_global_weight(alone, z, state)
    scales = GATES[gate](logits)
    return u * (np.moveaxis(scales, -1, 1) if scales.ndim == 4 else scales[:, :, None, None])

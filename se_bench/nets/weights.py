"""Weights of other libraries' nets in ours: a table of names for each kind of reference net.

A reference net of torchvision or timm and ours of the same structure hold the same tensors under other names. What
cannot be translated, is missing, left over or of another shape is an error that names it: a net that is half
loaded would look like a bad block.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from se_bench.errors import OptionError, unknown_name
from se_bench.nets.backbones.vgg import WIDTHS

_UNIT = r"layer(\d)\.(\d+)\."
_OURS = r"stage\1.\2."

_BRANCH = (
    (_UNIT + r"conv(\d)\.", _OURS + r"branch.conv\3."),
    (_UNIT + r"bn(\d)\.", _OURS + r"branch.norm\3."),
    (_UNIT + r"downsample\.", _OURS + "shortcut."),
)

_TABLES: dict[str, Sequence[tuple[str, str]]] = {
    "torchvision_resnet": (
        (r"conv1\.", "stem.conv."),
        (r"bn1\.", "stem.norm."),
        *_BRANCH,
        (r"fc\.", "classifier."),
    ),
    "timm_legacy_seresnet": (
        (r"layer0\.conv1\.", "stem.conv."),
        (r"layer0\.bn1\.", "stem.norm."),
        *_BRANCH,
        (_UNIT + r"se_module\.fc1\.", _OURS + "block.excite.down."),
        (_UNIT + r"se_module\.fc2\.", _OURS + "block.excite.up."),
        (r"last_linear\.", "classifier."),
    ),
    "timm_legacy_senet154": (
        *((rf"layer0\.conv{layer + 1}\.", f"stem.{layer}.conv.") for layer in range(3)),
        *((rf"layer0\.bn{layer + 1}\.", f"stem.{layer}.norm.") for layer in range(3)),
        *_BRANCH,
        (_UNIT + r"se_module\.fc1\.", _OURS + "block.excite.down."),
        (_UNIT + r"se_module\.fc2\.", _OURS + "block.excite.up."),
        (r"last_linear\.", "classifier.linear."),
    ),
}


def _vgg_table() -> list[tuple[str, str]]:
    """torchvision numbers a VGG's layers through: convolution, BatchNorm, ReLU, and a pooling after each stage."""
    table, layer = [], 0
    for stage, widths in enumerate(WIDTHS, start=1):
        for unit in range(len(widths)):
            table.append((rf"features\.{layer}\.", f"stage{stage}.{unit}.layer.conv."))
            table.append((rf"features\.{layer + 1}\.", f"stage{stage}.{unit}.layer.norm."))
            layer += 3
        layer += 1
    for number, place in enumerate((0, 3, 6), start=1):  # between them ReLU and dropout
        table.append((rf"classifier\.{place}\.", f"classifier.linear{number}."))
    return table


_TABLES["torchvision_vgg16_bn"] = _vgg_table()

_COUNTER = "num_batches_tracked"
"""Files from before torch 0.4.1 have no such counters, and nothing here reads them."""

FAMILIES = tuple(_TABLES)
"""Reference nets whose names are known: torchvision's ResNets and ResNeXts, timm's ``legacy_seresnet*``,
``legacy_seresnext*`` and ``legacy_senet154``, torchvision's ``vgg16_bn``."""


def translate(name: str, family: str) -> str | None:
    """Our name of a reference net's parameter or buffer; None where the table has none."""
    for theirs, ours in _TABLES[family]:
        found = re.match(theirs, name)
        if found:
            return found.expand(ours) + name[found.end() :]
    return None


def load_reference(net: nn.Module, state_dict: Mapping[str, Tensor], family: str) -> nn.Module:
    """Copy a reference net's state into ours, in place; timm's 1x1 convolutions of an SE block become linear layers.

    Args:
        net: the architecture of the reference net: its classes, its block (timm's have ``reduction: 16, bias: true,
            hidden_width: floor``), its ``stride_in`` and ``stem_pool`` (timm's ``legacy_seresnet50``: ``1x1`` and
            ``ceil``). It must hold memory (``init.materialise``).
        state_dict: as the reference net's ``state_dict()`` returns it.
        family: one of :data:`FAMILIES`.

    Raises:
        UnknownNameError: there is no such family.
        OptionError: names that are unknown or missing, or shapes that differ; the net is then unchanged.
    """
    if family not in _TABLES:
        raise unknown_name("family of reference nets", family, FAMILIES)
    own = net.state_dict()
    loaded: dict[str, Tensor] = {}
    unknown, shapes = [], []
    for name, value in state_dict.items():
        ours = translate(name, family)
        if ours is None or ours not in own:
            unknown.append(name)
            continue
        loaded[ours] = value.flatten(1) if own[ours].ndim == 2 and value.shape[2:] == (1, 1) else value
        if loaded[ours].shape != own[ours].shape:
            shapes.append(f"{name} {tuple(value.shape)} for {ours} {tuple(own[ours].shape)}")
    missing = [name for name in own if name not in loaded and not name.endswith(_COUNTER)]
    problems = {"unknown": unknown, "missing": missing, "of another shape": shapes}
    if unknown or missing or shapes:
        words = "; ".join(f"{problem}: {', '.join(names)}" for problem, names in problems.items() if names)
        raise OptionError(f"these weights of {family} are not of this architecture; {words}", key="family")
    net.load_state_dict(loaded, strict=False)
    return net

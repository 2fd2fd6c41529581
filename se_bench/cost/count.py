"""What one architecture costs for one image: fvcore's count of the backbone, plus its blocks in closed form.

fvcore traces a net on the meta device, where nothing is allocated or computed (a small one on the CPU), and asks our
rules (``operators``) for each operator. Left alone it counts BatchNorm five-fold in training mode and skips sigmoid,
mul, add and pooling by ``mean``: the very operations of SE (FACTS.md section 4). An operator without a rule is an error
here, never a zero.

A backbone is traced once, whatever blocks it carries; a block's cost follows from its options and the shape of its
place. So a candidate of a known backbone costs microseconds. :func:`count_whole` traces the whole net instead;
tests hold the two equal.
"""

from __future__ import annotations

import copy
import json
import logging
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from se_bench import registry
from se_bench.cost import operators
from se_bench.errors import UncountedOperatorError
from se_bench.nets.architecture import Architecture
from se_bench.nets.backbones.places import Backbone, Site
from se_bench.nets.blocks.base import Block
from se_bench.nets.blocks.formulas import BYTES, total
from se_bench.nets.build import block_options, build
from se_bench.nets.init import allocate
from se_bench.records import Cost

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # fvcore scripts functions at import, which torch has deprecated
    from fvcore.nn.jit_analysis import JitModelAnalysis
    from fvcore.nn.jit_handles import addmm_flop_jit, bmm_flop_jit, conv_flop_jit, linear_flop_jit, matmul_flop_jit

Shape = tuple[int, int, int]

SMALL_IMAGE = 3 * 32 * 32
"""Numbers of an image up to which a net is run, with whatever weights it has, and not traced on the meta device."""
SMALL_NET = 1_000_000
"""Parameters up to which it is."""

_HANDLES: dict[str, operators.Handle] = {
    "aten::_convolution": operators.layer_rule(conv_flop_jit),
    "aten::linear": operators.layer_rule(linear_flop_jit),
    "aten::addmm": operators.layer_rule(addmm_flop_jit),
    "aten::bmm": operators.layer_rule(bmm_flop_jit),
    "aten::matmul": operators.layer_rule(matmul_flop_jit),
    "aten::batch_norm": operators.map_rule(operators.BATCH_NORM_OPERATIONS),
    "aten::group_norm": operators.map_rule(operators.GROUP_NORM_OPERATIONS),
    "aten::softmax": operators.map_rule(operators.SOFTMAX_OPERATIONS),
    **{f"aten::{name}{place}": operators.map_rule() for name in operators.MAPS for place in ("", "_")},
    **{f"aten::{name}": operators.reduction_rule() for name in operators.REDUCTIONS},
    **{f"aten::{name}": operators.window_rule() for name in operators.WINDOWS},
    **{f"aten::{name}": operators.copy_rule() for name in operators.COPIES},
    **{f"aten::{name}{place}": operators.view_rule() for name in operators.VIEWS for place in ("", "_")},
}


def count(architecture: Architecture) -> Cost:
    """The cost of one image, in inference mode; what was counted once is remembered.

    Raises:
        UncountedOperatorError: the backbone uses an operator that ``operators`` has no rule for.
    """
    options = json.dumps(architecture.options, sort_keys=True)
    backbone = (architecture.backbone, options, architecture.input_shape, architecture.classes)
    costs = [_backbone_cost(*backbone)]
    texts: dict[int, str] = {}
    for unit, site in architecture.sites.items():
        if id(site) not in texts:  # the units of a stage share one
            texts[id(site)] = json.dumps(site, sort_keys=True)
        shapes = _slot_shapes(*backbone, site["integration"])
        costs.append(_block_cost(texts[id(site)], shapes[unit]))
    return total(*costs)


def count_whole(architecture: Architecture) -> Cost:
    """The same cost, from a trace of the whole net, blocks and all."""
    return count_module(build(architecture), architecture.input_shape)


def count_module(net: nn.Module, input_shape: Shape) -> Cost:
    """The cost of one image ``(C, H, W)`` through a module in evaluation mode; the module stays as it is."""
    device = _tracing_device(net, input_shape)
    net = _placed(copy.deepcopy(net).eval(), device)
    with _quiet(), torch.no_grad(), _traceable_convolutions():
        analysis = JitModelAnalysis(net, torch.zeros(1, *input_shape, device=device)).set_op_handle(**_HANDLES)
        analysis._ignored_ops = set()  # fvcore's list of silent zeros has clamp, max and gather; ours is VIEWS
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        totals = analysis.by_operator()
        unknown = sorted(analysis.unsupported_ops())
    if unknown:
        raise UncountedOperatorError(f"no cost rule for {', '.join(unknown)}; add one to se_bench/cost/operators.py")
    return Cost(
        params=sum(parameter.numel() for parameter in net.parameters() if parameter.requires_grad),
        block_params=sum(parameter.numel() for parameter in _block_parameters(net)),
        buffers=sum(buffer.numel() for buffer in net.buffers()),
        macs=int(totals["macs"]),
        elementwise=int(totals["elementwise"]),
        activations=int(totals["activations"]),
        memory_bytes=BYTES * int(totals["moved"]),
    )


def slot_shapes(architecture: Architecture, slot: str) -> Mapping[str, Shape]:
    """(C, H, W) at the ``slot`` of each unit of a backbone that offers it, for one image."""
    options = json.dumps(architecture.options, sort_keys=True)
    return _slot_shapes(architecture.backbone, options, architecture.input_shape, architecture.classes, slot)


@lru_cache(maxsize=256)
def _backbone_cost(name: str, options: str, input_shape: Shape, classes: int) -> Cost:
    bare = Architecture(backbone=name, options=json.loads(options), input_shape=input_shape, classes=classes, sites={})
    return count_whole(bare)


@lru_cache(maxsize=65536)
def _block_cost(site: str, shape: Shape) -> Cost:
    spec = json.loads(site)
    cost: Cost = registry.load("block", spec["block"]).cost(*shape, **block_options(spec))
    return cost


@lru_cache(maxsize=1024)
def _slot_shapes(name: str, options: str, input_shape: Shape, classes: int, slot: str) -> dict[str, Shape]:
    family: Backbone = registry.load("backbone", name)
    chosen: dict[str, Any] = {**family.defaults, **json.loads(options)}
    probes = {place.unit: _Probe() for place in family.places(chosen) if slot in place.channels}
    sites: dict[str, Site] = {unit: (slot, probe) for unit, probe in probes.items()}
    with torch.device("meta"):
        net = family.build(chosen, input_shape, classes, sites).eval()
    device = _tracing_device(net, input_shape)
    with torch.no_grad():
        _placed(net, device)(torch.zeros(1, *input_shape, device=device))
    return {unit: probe.shape for unit, probe in probes.items()}


def _tracing_device(net: nn.Module, input_shape: Shape) -> str:
    """Where a net is run for its shapes: a small one on the CPU, at once; on the meta device torch imports its compiler
    first, which takes a second."""
    small = math.prod(input_shape) <= SMALL_IMAGE and sum(each.numel() for each in net.parameters()) <= SMALL_NET
    return "cpu" if small else "meta"


def _placed(net: nn.Module, device: str) -> nn.Module:
    return allocate(net) if device == "cpu" else net.to_empty(device=device)


class _Probe(nn.Module):
    """Sits in a slot, changes nothing, and remembers what it saw."""

    shape: Shape

    def forward(self, x: Tensor) -> Tensor:
        channels, height, width = x.shape[1:]
        self.shape = (channels, height, width)
        return x


def _block_parameters(net: nn.Module) -> list[nn.Parameter]:
    blocks = (module for module in net.modules() if isinstance(module, Block) and not module.part_of_backbone)
    unique = {id(parameter): parameter for block in blocks for parameter in block.parameters()}
    return list(unique.values())


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings of tracing, one for every shape that becomes a constant."""
    logger = logging.getLogger("fvcore")
    level = logger.level
    logger.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logger.setLevel(level)


@contextmanager
def _traceable_convolutions() -> Iterator[None]:
    """Let convolutions be traced on the meta device.

    torch's own shape rule for them is Python that compares sizes, and under a trace sizes are tensors. Ours runs
    below the operator that a trace records (``_convolution``), where they are integers again.
    """

    def convolution(*arguments: Any) -> Tensor:
        result: Tensor = torch.ops.aten._convolution(*arguments, False, False, False, False)
        return result

    def shape(x: Tensor, weight: Tensor, _bias: Any, stride: Any, padding: Any, dilation: Any, *_: Any) -> Tensor:
        sizes = zip(x.shape[2:], weight.shape[2:], stride, padding, dilation, strict=True)
        spatial = [(size + 2 * p - d * (kernel - 1) - 1) // s + 1 for size, kernel, s, p, d in sizes]
        return x.new_empty([x.shape[0], weight.shape[0], *spatial])

    with torch.library._scoped_library("aten", "IMPL") as library:
        library.impl("convolution", convolution, "Meta", allow_override=True)
        library.impl("_convolution", shape, "Meta", allow_override=True)
        yield

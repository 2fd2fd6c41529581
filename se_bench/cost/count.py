"""Parameters, buffers, MACs, elementwise operations and activations of one architecture, by fvcore.

fvcore traces the net and asks our rules (``operators``) for each operator. Left alone it counts BatchNorm
five-fold in training mode and skips sigmoid, mul, add and pooling by ``mean``: the very operations of SE
(FACTS.md section 4). An operator without a rule is an error here, never a zero.
"""

from __future__ import annotations

import json
import logging
import warnings
from functools import lru_cache

import torch
from torch import nn

from se_bench.cost import operators
from se_bench.errors import UncountedOperatorError
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import build
from se_bench.records import Cost

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # fvcore scripts functions at import, which torch has deprecated
    from fvcore.nn.jit_analysis import JitModelAnalysis
    from fvcore.nn.jit_handles import addmm_flop_jit, conv_flop_jit, linear_flop_jit

_HANDLES: dict[str, operators.Handle] = {
    "aten::_convolution": operators.layer_rule(conv_flop_jit),
    "aten::linear": operators.layer_rule(linear_flop_jit),
    "aten::addmm": operators.layer_rule(addmm_flop_jit),
    "aten::batch_norm": operators.map_rule(operators.BATCH_NORM_OPERATIONS),
    "aten::softmax": operators.map_rule(operators.SOFTMAX_OPERATIONS),
    **{f"aten::{name}": operators.map_rule() for name in operators.MAPS},
    **{f"aten::{name}": operators.reduction_rule() for name in operators.REDUCTIONS},
    **{f"aten::{name}": operators.copy_rule() for name in operators.COPIES},
    **{f"aten::{name}": operators.view_rule() for name in operators.VIEWS},
}


def count(architecture: Architecture) -> Cost:
    """The cost of one image, in inference mode; remembered for the life of the process.

    Raises:
        UncountedOperatorError: the net uses an operator that ``operators`` has no rule for.
    """
    key = json.dumps(architecture.as_data(), sort_keys=True)
    return _count_cached(key)


def count_module(net: nn.Module, input_shape: tuple[int, int, int]) -> Cost:
    """The cost of one image ``(C, H, W)`` through a module on the CPU, which is left in evaluation mode."""
    analysis = JitModelAnalysis(net.eval(), torch.zeros(1, *input_shape)).set_op_handle(**_HANDLES)
    analysis._ignored_ops = set()  # fvcore's list of silent zeros has clamp, max and gather; ours is VIEWS
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing warns of every shape that becomes a constant
        logging.getLogger("fvcore").setLevel(logging.ERROR)
        totals = analysis.by_operator()
        unknown = sorted(analysis.unsupported_ops())
    if unknown:
        raise UncountedOperatorError(f"no cost rule for {', '.join(unknown)}; add one to se_bench/cost/operators.py")
    return Cost(
        params=sum(parameter.numel() for parameter in net.parameters() if parameter.requires_grad),
        buffers=sum(buffer.numel() for buffer in net.buffers()),
        macs=int(totals["macs"]),
        elementwise=int(totals["elementwise"]),
        activations=int(totals["activations"]),
    )


@lru_cache(maxsize=4096)
def _count_cached(architecture: str) -> Cost:
    built = Architecture.from_data(json.loads(architecture))
    # fvcore traces by running the net, which the meta device does not allow; the values do not matter.
    return count_module(build(built).to_empty(device="cpu"), built.input_shape)

"""The encoder's matrix products: in a floating-point precision, or in whole numbers of eight bits."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - everyone's name for it
from torch import Tensor

MOST = 127
"""Largest whole number; -128 is not used, so that positive and negative numbers round alike."""

SMALLEST = 1e-30
"""Scale of a row of zeros, which has none."""


@dataclass(frozen=True, slots=True)
class Linear:
    """``weight`` (out, in) and ``bias`` (out)."""

    weight: Tensor
    bias: Tensor

    def __call__(self, rows: Tensor) -> Tensor:
        """(n, in), in the precision of the weights, to (n, out)."""
        return F.linear(rows, self.weight, self.bias)


@dataclass(frozen=True, slots=True)
class Int8Linear:
    """A matrix whose columns are whole numbers times a scale of their own.

    Rows that are multiplied by it are rounded the same way, each by its own largest number. The sums are exact in
    32 bits, so that a row gives the same bits beside any others, on any processor.
    """

    weight: Tensor
    """(in, out) int8."""
    scale: Tensor
    """(out) fp32."""
    bias: Tensor
    """(out) fp32."""

    def __call__(self, rows: Tensor) -> Tensor:
        """(n, in) fp32 to (n, out) fp32."""
        whole, scale = _rounded(rows)
        sums = torch._int_mm(whole, self.weight)  # noqa: SLF001 - torch has no other product of int8 for processors
        return torch.addcmul(self.bias, sums.float().mul_(scale), self.scale)


Matrix = Linear | Int8Linear


def in_int8(matrix: Linear) -> Int8Linear:
    """Round an fp32 matrix."""
    whole, scale = _rounded(matrix.weight)
    return Int8Linear(whole.t().contiguous(), scale.squeeze(1), matrix.bias)


def _rounded(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers, (n, width) int8, and the scale of each row, (n, 1)."""
    scale = rows.abs().amax(dim=1, keepdim=True).div_(MOST).clamp_(min=SMALLEST)
    return (rows / scale).round_().to(torch.int8), scale

"""Convolutions and linear layers whose weights are kept as oneDNN wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from torch import Tensor


class PackedConv2d(nn.Module):
    """A convolution for inference on the processor; x [N, C, H, W] -> [N, C', H', W'].

    A plain one rearranges its weights anew at every call, which for small pictures is half of its time.
    """

    packed: Tensor

    def __init__(self, plain: nn.Conv2d) -> None:
        super().__init__()
        self.bias = plain.bias
        self._shape: tuple[Any, ...] = (plain.padding, plain.stride, plain.dilation, plain.groups)
        packed = torch.ops.mkldnn._reorder_convolution_weight(plain.weight.detach(), *self._shape)
        self.register_buffer("packed", packed, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = torch.ops.mkldnn._convolution_pointwise(
            x, self.packed, self.bias, *self._shape, "none", [], ""
        )
        return found

    def plain(self) -> nn.Conv2d:
        """The convolution that was packed."""
        weight, (padding, stride, dilation, groups) = self.packed.to_dense(), self._shape
        sides: Any = tuple(weight.shape[2:])
        outputs, inputs = weight.shape[0], weight.shape[1] * groups
        layer = nn.Conv2d(inputs, outputs, sides, stride, padding, dilation, groups, False, device="meta")
        layer.weight, layer.bias = nn.Parameter(weight, requires_grad=False), self.bias
        return layer


class PackedLinear(nn.Module):
    """A linear layer for inference on the processor; x [..., C] -> [..., C'].

    It tells its sizes as a plain one does: Stable Diffusion XL's pipelines ask for them.
    """

    packed: Tensor

    def __init__(self, plain: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features, self.bias = plain.in_features, plain.out_features, plain.bias
        packed = torch.ops.mkldnn._reorder_linear_weight(plain.weight.detach())
        self.register_buffer("packed", packed, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = torch.ops.mkldnn._linear_pointwise(x, self.packed, self.bias, "none", [], "")
        return found

    def plain(self) -> nn.Linear:
        """The layer that was packed."""
        layer = nn.Linear(self.in_features, self.out_features, bias=False, device="meta")
        layer.weight = nn.Parameter(self.packed.to_dense(), requires_grad=False)
        layer.bias = self.bias
        return layer


class PackedPointwise(nn.Module):
    """A convolution of single pixels as the linear layer that it is; x [N, C, H, W] -> [N, C', H, W].

    As a convolution oneDNN takes up to ten times as long for it.
    """

    packed: Tensor

    def __init__(self, plain: nn.Conv2d) -> None:
        super().__init__()
        self.bias = plain.bias
        packed = torch.ops.mkldnn._reorder_linear_weight(plain.weight.detach().flatten(1))
        self.register_buffer("packed", packed, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        pixels = x.permute(0, 2, 3, 1)
        found: Tensor = torch.ops.mkldnn._linear_pointwise(pixels, self.packed, self.bias, "none", [], "")
        return found.permute(0, 3, 1, 2)

    def plain(self) -> nn.Conv2d:
        """The convolution that was packed."""
        weight = self.packed.to_dense()[:, :, None, None]
        layer = nn.Conv2d(weight.shape[1], weight.shape[0], 1, bias=False, device="meta")
        layer.weight, layer.bias = nn.Parameter(weight, requires_grad=False), self.bias
        return layer


def pack(network: nn.Module) -> None:
    """Replace the layers within a network that will neither be trained nor converted any more.

    The small layers of adapters stay plain: their libraries look at their weights.
    """
    for name, layer in list(network.named_children()):
        if name.startswith("lora_"):
            continue
        if type(layer) is nn.Conv2d and _is_pointwise(layer):
            setattr(network, name, PackedPointwise(layer))
        elif type(layer) is nn.Conv2d and _is_packable(layer):
            setattr(network, name, PackedConv2d(layer))
        elif type(layer) is nn.Linear:
            setattr(network, name, PackedLinear(layer))
        else:
            pack(layer)


def unpack(network: nn.Module) -> None:
    """Undo `pack`, to the last bit."""
    for name, layer in list(network.named_children()):
        if isinstance(layer, PackedConv2d | PackedLinear | PackedPointwise):
            setattr(network, name, layer.plain())
        else:
            unpack(layer)


def _is_packable(layer: nn.Conv2d) -> bool:
    """Whether oneDNN has all that a convolution does."""
    return layer.padding_mode == "zeros" and not isinstance(layer.padding, str)


def _is_pointwise(layer: nn.Conv2d) -> bool:
    """Whether every pixel of a convolution's result depends on all channels of that pixel alone."""
    once = layer.kernel_size == layer.stride == (1, 1) and layer.groups == 1
    return once and layer.padding in ((0, 0), 0, "valid")


def packs(weights: torch.dtype, device: torch.device) -> bool:
    """Whether a network of this precision gains by it: bfloat16 on a processor that oneDNN serves."""
    return device.type == "cpu" and weights == torch.bfloat16 and torch.backends.mkldnn.is_available()

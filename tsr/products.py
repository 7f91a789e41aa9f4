"""Matrix products and attention in the form that a CPU runs fastest, with the numbers of the usual form."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

QUERIES = 512  # query rows at a time: their scores stay in the cache


class Linear(nn.Linear):
    """nn.Linear; in float32 on a CPU without gradients a 1x1 convolution, which is up to 2.7 times faster.

    Measured on AMD Zen 5 with two cores: 420 against 160 GFLOP/s for 3072 rows of 1024."""

    def forward(self, x: Tensor) -> Tensor:
        """x [..., inputs] -> [..., outputs]."""
        if x.device.type != "cpu" or x.dtype != torch.float32 or torch.is_grad_enabled():
            return super().forward(x)
        pixels = x.reshape(1, -1, 1, self.in_features).permute(0, 3, 1, 2)  # [1, inputs, N, 1]
        found = F.conv2d(pixels, self.weight[:, :, None, None], self.bias)
        return found.permute(0, 2, 3, 1).reshape(*x.shape[:-1], self.out_features)


def attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(q k^T / sqrt(D)) v: q [B, heads, N, D], k and v [B, heads, M, D] -> [B, heads, N, D].

    The fused form does not use a CPU's bfloat16 instructions: there, plain products per head and chunk of
    queries are up to three times faster. With gradients they are taken per example, which takes two
    thirds of its time."""
    if q.device.type != "cpu" or q.dtype != torch.bfloat16:
        return F.scaled_dot_product_attention(q, k, v)
    scaled = q * q.shape[-1] ** -0.5
    if torch.is_grad_enabled():
        mixed = [torch.softmax(a @ b.mT, dim=-1) @ c for a, b, c in zip(scaled, k, v, strict=True)]
        return torch.stack(mixed)
    found = torch.empty_like(q)
    for example in range(len(q)):
        for head in range(q.shape[1]):
            keys, values = k[example, head].T, v[example, head]
            for start in range(0, q.shape[2], QUERIES):
                rows = slice(start, start + QUERIES)
                weights = torch.softmax(scaled[example, head, rows] @ keys, dim=-1)
                torch.matmul(weights, values, out=found[example, head, rows])
    return found

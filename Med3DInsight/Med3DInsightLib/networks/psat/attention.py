"""Multi-head attention whose weights can be had."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional


class KeysValues(NamedTuple):
    """What is attended to, projected and split into heads: two tensors (B, H, N, W / H)."""

    keys: Tensor
    values: Tensor


class Attention(nn.Module):
    """Scaled dot-product attention of several heads (Vaswani et al. 2017, section 3.2).

    Keys and values are made apart from attending, so that one source serves any number of queries;
    PyTorch's own module offers neither that nor the weights of single heads on its fast path.

        attention = Attention(width=768, heads=8, dropout=0.1)
        attended, _ = attention(queries, attention.keys_values(tokens))      # (B, Q, W)
        attended, weights = attention(queries, attention.keys_values(tokens), weights=True)
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.to_query = nn.Linear(width, width)
        self.to_key = nn.Linear(width, width)
        self.to_value = nn.Linear(width, width)
        self.to_output = nn.Linear(width, width)
        for projection in (self.to_query, self.to_key, self.to_value):
            # PyTorch draws the three as one (3 W, W) matrix, which is this gain for each.
            nn.init.xavier_uniform_(projection.weight, gain=0.5**0.5)
            nn.init.zeros_(projection.bias)
        nn.init.zeros_(self.to_output.bias)

    def keys_values(self, source: Tensor) -> KeysValues:
        """Keys and values of source, (B, N, W)."""
        return KeysValues(self._split(self.to_key(source)), self._split(self.to_value(source)))

    def forward(self, queries: Tensor, source: KeysValues, weights: bool = False) -> tuple[Tensor, Tensor | None]:
        """What queries (B, Q, W) find in source, (B, Q, W), and the weights if asked for.

        The weights have shape (B, H, Q, N) and sum to 1 over N; they are those before dropout.
        """
        split = self._split(self.to_query(queries))
        dropout = self.dropout if self.training else 0.0
        if not weights:
            found = functional.scaled_dot_product_attention(split, source.keys, source.values, dropout_p=dropout)
            return self.to_output(self._join(found)), None
        scores = split @ source.keys.transpose(-2, -1) * split.shape[-1] ** -0.5
        shares = scores.softmax(dim=-1)
        found = functional.dropout(shares, dropout) @ source.values
        return self.to_output(self._join(found)), shares

    def of_constant(self, vector: Tensor) -> Tensor:
        """What forward() returns more when vector (..., W) is added to every token of the source.

        With the weights a_i of a query, which sum to 1, and tokens t_i + c:

        - every score changes by the same q . W_k c, which softmax cancels: the weights stay;
        - the values add sum_i a_i W_v c = W_v c to every head.

        So the output changes by W_o W_v c, whatever the query. Tokens that are seen from many slices
        need no copy for each, and this is exact. In training, dropout of weights does not touch
        this part; its expectation is the same.
        """
        value = functional.linear(vector, self.to_value.weight)
        return functional.linear(value, self.to_output.weight)

    def _split(self, x: Tensor) -> Tensor:
        heads: Tensor = x.unflatten(-1, (self.heads, -1))
        return heads.transpose(-3, -2)

    def _join(self, x: Tensor) -> Tensor:
        return x.transpose(-3, -2).flatten(-2)

"""From queries to an embedding."""

from __future__ import annotations

from torch import Tensor, nn


class ReadOut(nn.Module):
    """The mean of the first rows queries, projected linearly to the teacher's space.

    One row is the paper's read-out (query 0); all rows is the mean of queries. The embedding is not
    normalised: losses and search do that as they need it.

        read_out = ReadOut(rows=1, width=768, embedding=512)
        read_out(queries).shape         # (B, S, 512) for queries of (B, S, Q, 768)
    """

    def __init__(self, rows: int, width: int, embedding: int) -> None:
        super().__init__()
        self.rows = rows
        self.projection = nn.Linear(width, embedding)

    def forward(self, queries: Tensor) -> Tensor:
        """Embeddings (B, S, embedding) of queries (B, S, Q, W); Q is at least rows."""
        embedding: Tensor = self.projection(queries[..., : self.rows, :].mean(dim=-2))
        return embedding

"""The encoder of nnFormer (Zhou et al. 2021, arXiv 2109.03201), written from the paper's description.

Features inside are (B, K, J, I, C), channels last, as attention and LayerNorm want them.
"""

"""Networks over MONAI: backbones behind one interface, heads, PSAT, the text towers of teachers, and their factory.

Knows torch and MONAI (text_towers: transformers), and nothing about files of images, panels or processes. Tensors are
(B, C, K, J, I).
"""

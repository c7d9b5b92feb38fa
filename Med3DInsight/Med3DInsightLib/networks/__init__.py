"""Networks over MONAI: backbones behind one interface, the segmentation decoder, and their factory.

Knows torch and MONAI, and nothing about files of images, panels or processes. Tensors are
(B, C, K, J, I).
"""

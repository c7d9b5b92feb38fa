"""Requests and progress between processes: messages, streams, the client, the worker.

Everything outside the worker package is free of torch and MONAI, so that it can be imported into Slicer.
"""

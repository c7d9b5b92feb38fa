"""The process that computes: python -m Med3DInsightLib.engine.worker.

Only this part of the engine imports torch.
"""

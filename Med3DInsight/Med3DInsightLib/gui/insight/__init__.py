"""The sections of the module Med3D Insight.

A task asks the worker and puts what it answers into the scene; a panel connects the widgets of one .ui file with
a task. What a panel shows is in the parameter node or in nodes of the scene, so that a saved scene brings it back.
"""

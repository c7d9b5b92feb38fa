"""The panel of the module Med3D Insight as a whole, its console and its sample scene.

Its sections, panels of their own, are in sections; what they do is in tasks. What a panel shows is in the parameter
node or in nodes of the scene, so that a saved scene brings it back.
"""

"""What the module Med3D Insight found out about a volume, as nodes of the scene that belong to the volume.

Slicer keeps tables as text without quotes and with six digits. What must come back as it was is therefore a
record, JSON in an attribute of the node; columns are what the user sees, sorts and edits, and what plots draw.
"""

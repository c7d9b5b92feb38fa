"""Devices, memory, time and progress of what is computed."""

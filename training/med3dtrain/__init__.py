"""Headless training for Med3DInsight. Imports Med3DInsightLib, never the reverse."""

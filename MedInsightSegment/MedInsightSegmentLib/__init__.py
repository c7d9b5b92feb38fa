"""The panel of the module "MedInsight Segment"; everything that computes comes from Med3DInsightLib."""

"""Training images drawn from label maps alone, after SynthSeg (Billot et al. 2023, MedIA 83, 102789)."""

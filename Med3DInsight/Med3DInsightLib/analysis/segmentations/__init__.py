"""What is known of a segmentation: its labels and their parts, sizes and brightness, agreement with a reference."""

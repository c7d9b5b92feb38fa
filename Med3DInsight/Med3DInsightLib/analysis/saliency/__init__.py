"""What speaks for a class or a phrase: Grad-CAM and occlusion."""

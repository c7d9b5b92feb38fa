"""3D encoders, each an adapter from one MONAI network to the Backbone interface."""

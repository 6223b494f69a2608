"""What MONAI and Ignite lack while training."""

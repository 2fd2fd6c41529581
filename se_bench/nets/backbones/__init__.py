"""Backbones: one family a file; ``residual`` holds the unit whose places all residual families share."""

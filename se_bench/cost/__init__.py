"""Cost: what an architecture needs for one image, counted without running it."""

"""Attention blocks: one paper a file, its cost in closed form beside ``forward``."""

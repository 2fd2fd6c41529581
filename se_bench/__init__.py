"""se-bench: which channel-attention block is worth its cost, and is the difference real?"""

__version__ = "0.1.0"

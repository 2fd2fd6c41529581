"""An example of a plugin for se-bench: a block, a backbone and a dataset."""

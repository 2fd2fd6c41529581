"""Images in memory: each dataset is one fingerprinted uint8 tensor a split, loaded once a process.

`datasets` holds the values and the door (:func:`se_bench.data.datasets.load`), one file each dataset behind
it, and `batches` turns a split into normalised, augmented batches on the device that holds it.
"""

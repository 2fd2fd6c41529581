"""One thread for every test and every process that a test starts.

The nets of the tests are too small for two threads, and two wait for each other when the cores are busy: a forward
pass of ResNet-110 took 6 s with two and 0.05 s with one on a loaded machine.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

pytest_plugins = ["tests.postgresql"]

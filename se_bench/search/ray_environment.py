"""What Ray, Tune and a worker's memory allocator read from the environment: import this before them.

A worker process begins with this import, too, so that the imports after it are quick.

What the user has set stands.
"""

from __future__ import annotations

import os

from se_bench import collector

os.environ.update(
    {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_AUTO_CONNECT": "0",  # no second cluster after a shutdown
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "RAY_CHDIR_TO_TRIAL_DIR": "0",  # a relative path of a dataset means the same in a worker
        "RAY_AIR_NEW_OUTPUT": "0",  # the newer output is not silent, whatever its verbosity
        "RAY_prestart_worker_first_driver": "0",  # Tune's actors never use the workers that would start ahead
        "RAY_worker_niceness": "0",  # at Ray's 15, other work on the machine starves trials
        "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
        "TUNE_DISABLE_SIGINT_HANDLER": "1",
        "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",  # the start and the end of a trial have no score
        "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",  # they become records
        "TUNE_GLOBAL_CHECKPOINT_S": "86400",  # the database is the only memory
        "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
        "MALLOC_TRIM_THRESHOLD_": "1000000000",  # keep freed memory: a step frees and takes the same again
        "MALLOC_MMAP_THRESHOLD_": "1000000000",
    }
    | os.environ
)
collector.run_seldom()

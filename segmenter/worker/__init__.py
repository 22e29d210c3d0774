"""Limited workers: processes that do one piece of untrusted work within limits on time, memory and files.

Reading a file, asking a database, inferring what columns are, opening a saved classifier and reading an old pickle
all happen in such a process, over one protocol (`channel`), within one set of limits (`limits`), started in one of
two ways (`processes`): forked from a small process that never saw a file, where the system can do that, or as a new
Python that talks over pipes anywhere else. `program` is what runs on the other side.

Only the standard library is imported here, so that a worker can be started before anything heavy is loaded.
"""

from segmenter.worker.channel import MemoryFile
from segmenter.worker.client import (
    Answer,
    Cancellation,
    Worker,
    WorkerEndedError,
    WorkerError,
    WorkerMemoryError,
    WorkerTimeoutError,
    run_task,
)
from segmenter.worker.limits import Limits, missing_protections
from segmenter.worker.processes import stop, warm_up

__all__ = [
    "Answer",
    "Cancellation",
    "Limits",
    "MemoryFile",
    "Worker",
    "WorkerEndedError",
    "WorkerError",
    "WorkerMemoryError",
    "WorkerTimeoutError",
    "missing_protections",
    "run_task",
    "stop",
    "warm_up",
]

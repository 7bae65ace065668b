"""A process that runs one row of PyTorch or JAX; it speaks as worker.ts does. Arguments: peer, row as JSON, threads."""

import importlib
import json
import math
import os
import statistics
import sys
import time

peer, row, threads = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
if threads == 1:
    # XLA has no switch that holds it to one thread entirely: the process gets one processor, and two flags.
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    if peer == "jax_rows" and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, [max(os.sched_getaffinity(0))])


def say(**answer):
    print(json.dumps(answer), flush=True)


def measure(task, seconds, batch):
    """Seconds of one call, for each of as many batches as fit into the time, and at least one."""
    call, times, end = task[0], [], time.perf_counter() + seconds
    while True:
        start = time.perf_counter()
        for _ in range(batch):
            call()
        now = time.perf_counter()
        times.append((now - start) / batch)
        if now >= end:
            return times


def main():
    from data import fill

    dtype = row.get("dtype", "float32")
    kinds = importlib.import_module(peer).kinds(threads, dtype)
    if row["kind"] not in kinds:
        return say(absent=True)
    tensors = {name: fill(seed, spec, dtype) for seed, (name, spec) in enumerate(row["tensors"].items())}
    task = kinds[row["kind"]](tensors, row.get("options", {}))
    if row.get("cold"):
        times = measure(task, 0, 1)
        return say(check=task[1](), times=times)
    start = time.perf_counter()
    check = task[1]()
    once = time.perf_counter() - start
    if once < 2:
        once = statistics.median(measure(task, 0.1, 1))
    if once < 0.001:
        once = statistics.median(measure(task, 0.3, math.ceil(0.0002 / once)))
    batch = max(1, math.ceil(0.0002 / once))
    say(check=check)
    for line in sys.stdin:
        say(times=measure(task, float(line), batch))


try:
    main()
except Exception as error:  # whatever it is, it belongs into the table
    say(failed=f"{type(error).__name__}: {error}")
    sys.exit(1)

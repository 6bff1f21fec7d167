"""What the programs here tell whoever measures them: the job they were given, the marks, the end."""

import json
import os
import resource
import sys
import time

job = dict(arg.split("=", 1) for arg in sys.argv[1:])
warmup, end = int(job["warmup"]), int(job["records"])
checks = job["mode"] == "check"
marks = {}
seen = 0


def say(what):
    print(json.dumps(what), flush=True)


def mark(name):
    used = resource.getrusage(resource.RUSAGE_SELF)
    marks[name] = (time.perf_counter(), used.ru_utime + used.ru_stime)
    say({"mark": name})


def finish():
    (from_s, from_cpu), (to_s, to_cpu) = marks["warm"], marks["done"]
    say({"records": end - warmup, "seconds": to_s - from_s, "cpuSeconds": to_cpu - from_cpu})


def counting(stop):
    """Counts each value that goes through; `stop` is called with the last one of a check."""

    def counted(value):
        global seen
        seen += 1
        if seen == warmup:
            mark("warm")
        elif seen == end:
            mark("done")
            if checks:
                stop()
            else:
                # Whoever measures reads /proc when it hears of a mark.
                time.sleep(0.3)
                finish()
                os._exit(0)
        return value

    return counted

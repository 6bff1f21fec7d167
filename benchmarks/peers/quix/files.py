"""A topic into Parquet files by Quix Streams' own sink: files.py name=value ..., the names as in
benchmarks/src/arrow/job.ts. Says on standard output when the warm-up and all records are done."""

import json
import os
import resource
import sys
import time

from quixstreams import Application
from quixstreams.sinks.community.file.formats import ParquetFormat
from quixstreams.sinks.community.file.local import LocalFileSink

job = dict(arg.split("=", 1) for arg in sys.argv[1:])
warmup, end = int(job["warmup"]), int(job["records"])
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


def counted(value):
    global seen
    seen += 1
    if seen == warmup:
        mark("warm")
    elif seen == end:
        mark("done")
        if job["mode"] == "check":
            app.stop()
        else:
            # Whoever measures reads /proc when it hears of a mark.
            time.sleep(0.3)
            finish()
            os._exit(0)
    return value


# The sink refuses names of folders that have a hyphen in them.
os.makedirs(job["folder"], exist_ok=True)
os.chdir(job["folder"])
app = Application(
    broker_address=job["bootstrap"],
    consumer_group=job["id"],
    auto_offset_reset="earliest",
    commit_interval=int(job["commitMs"]) / 1000,
    loglevel="ERROR",
    consumer_extra_config={
        "fetch.message.max.bytes": 16 << 20,
        "queued.max.messages.kbytes": 256 << 10,
        "fetch.wait.max.ms": 50,
    },
)
source = app.topic(job["input"], key_deserializer="bytes", value_deserializer="json")
files = LocalFileSink(directory="files", format=ParquetFormat(compression="snappy"))
app.dataframe(source).apply(counted).sink(files)
app.run()
finish()

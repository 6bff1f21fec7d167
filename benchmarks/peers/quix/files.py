"""A topic into Parquet files by Quix Streams' own sink: files.py name=value ..., the names as in
benchmarks/src/arrow/job.ts. Says on standard output when the warm-up and all records are done."""

import os

from quixstreams import Application
from quixstreams.sinks.community.file.formats import ParquetFormat
from quixstreams.sinks.community.file.local import LocalFileSink

from marks import counting, finish, job

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
app.dataframe(source).apply(counting(app.stop)).sink(files)
app.run()
finish()

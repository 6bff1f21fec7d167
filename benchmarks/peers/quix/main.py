"""One pipeline of the benchmarks on Quix Streams: main.py name=value ..., the names as in
benchmarks/src/peers/job.ts. Says on standard output when the warm-up and all records are done."""

from quixstreams import Application
from quixstreams.dataframe.windows import Count, Mean, Sum

from marks import counting, finish, job

app = Application(
    broker_address=job["bootstrap"],
    consumer_group=job["id"],
    auto_offset_reset="earliest",
    commit_interval=int(job["commitMs"]) / 1000,
    state_dir=job["state"],
    loglevel="ERROR",
    consumer_extra_config={
        "fetch.message.max.bytes": 16 << 20,
        "queued.max.messages.kbytes": 256 << 10,
        "fetch.wait.max.ms": 50,
    },
    producer_extra_config={
        "compression.type": "lz4",
        "linger.ms": int(job["lingerMs"]),
        "batch.size": 1 << 20,
        "queue.buffering.max.messages": 1_000_000,
    },
)

# Strings as keys where a step shows them, bytes where they are passed on as they are.
pipeline = job["pipeline"]
stateless = pipeline in ("read", "half", "map")
source = app.topic(
    job["input"],
    key_deserializer="bytes" if stateless else "str",
    value_deserializer="json",
)
sink = app.topic(
    job["output"],
    key_serializer="bytes" if stateless else "str",
    value_serializer="json",
)
frame = app.dataframe(source)
counted = counting(app.stop)
if pipeline != "repartition":
    frame = frame.apply(counted)


def measure(row):
    size = row["amount"] + row["ts"] + len(row["user_id"])
    return {"size": size + len(row["event"]) + len(row["page"]) + len(row["session"])}


def result(value, key, timestamp, headers):
    column = "page" if pipeline == "repartition" else "user_id"
    return {
        column: key,
        "window_start": value["start"],
        "window_end": value["end"],
        "n": value["n"],
        "total": value["total"],
        "average": value["average"],
    }


if pipeline == "read":
    frame = frame.filter(lambda row: row["amount"] < 0)
elif pipeline == "half":
    frame = frame.filter(lambda row: row["amount"] >= 55).apply(
        lambda row: {"user_id": row["user_id"], "doubled": row["amount"] * 2}
    )
elif pipeline == "map":
    frame = frame.apply(measure).filter(lambda row: row["size"] < 0)
else:
    if pipeline == "repartition":
        frame = frame.apply(lambda row: {"amount": row["amount"], "page": row["page"]})
        frame = frame.group_by("page").apply(counted)
    if pipeline == "hopping":
        windows = frame.hopping_window(10_000, 1_000)
    else:
        windows = frame.tumbling_window(10_000)
    frame = windows.agg(n=Count(), total=Sum("amount"), average=Mean("amount"))
    # All windows of the partition, as the others do; by key is the other choice.
    frame = frame.final(closing_strategy="partition").apply(result, metadata=True)
frame.to_topic(sink)
app.run()
finish()

"""Reads a folder of Parquet files by day, and prints each row with the day of its folder in JSON.

Argument: the folder. Files that are not committed have hidden names, which pyarrow passes over.
"""
import json
import sys

import pyarrow as pa
import pyarrow.dataset

dataset = pa.dataset.dataset(
    sys.argv[1],
    format="parquet",
    partitioning=pa.dataset.partitioning(pa.schema([("day", pa.string())]), flavor="hive"),
)
for batch in dataset.to_batches():
    columns = batch.set_column(
        batch.schema.get_field_index("date"), "date", batch["date"].cast(pa.int64())
    )
    for row in columns.to_pylist():
        names = ["day", "date", "origin", "destination", "delay", "distance"]
        print(json.dumps([row[name] for name in names], separators=(",", ":")))

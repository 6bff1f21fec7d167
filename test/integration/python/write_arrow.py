"""Writes Arrow and Parquet files with pyarrow, polars and DuckDB, and says what is in each.

Arguments: a folder, how many files, a seed. Into the folder go the files and cases.jsonl, one case
a line: file, writer, traits (for the table of what was covered), columns (name, the type that was
written, the kind that it is read as) and cells by column. A cell is made together with its form, so
what is expected comes from no reader. Forms: {"n": hex of a double}, {"i": digits} of a bigint,
{"b": hex} of bytes, {"o": [[name, form]]} of an object; text, booleans, null and lists are
themselves.
"""
import datetime as dt
import decimal
import json
import random
import struct
import sys
import uuid
from dataclasses import dataclass, replace
from typing import Callable

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

ALL = frozenset(["pyarrow ipc", "pyarrow parquet", "polars ipc", "polars parquet", "duckdb ipc", "duckdb parquet"])
PYARROW = frozenset(["pyarrow ipc", "pyarrow parquet"])
IPC = frozenset(["pyarrow ipc"])
PARQUET = frozenset(["pyarrow parquet"])
POLARS = PYARROW | {"polars ipc", "polars parquet"}
DUCKDB = PYARROW | {"duckdb ipc", "duckdb parquet"}
EPOCH = dt.datetime(1970, 1, 1)
TEXTS = ["", "a", "Oslo", "Ærø", "日本", "😀 x", "a\x00b", "line\nline", "x" * 40]


def number(value):
    return {"n": "nan" if value != value else struct.pack("<d", value).hex()}


def whole(value):
    return {"i": str(value)}


@dataclass(frozen=True)
class Kind:
    """A type that can be written, the kind of its column, and how a cell and its form are made."""

    name: str
    type: pa.DataType
    kind: str
    cell: Callable  # random -> (value for pyarrow, form)
    writers: frozenset = ALL
    metadata: dict | None = None


def integer(name, bits, signed, kind):
    least, greatest = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    greatest = min(greatest, 2**63 - 1)

    def cell(r):
        value = r.choice([least, greatest, 0, r.randint(least, greatest), r.randint(0, min(greatest, 100))])
        return value, (number if kind == "int32" else whole)(value)

    return Kind(name, getattr(pa, name)(), kind, cell)


def floating(name, type, code, writers=ALL):
    def cell(r):
        value = r.choice([0.0, -0.0, 1.5, -2.25, float("nan"), float("inf"), float("-inf"), r.uniform(-1e4, 1e4)])
        value = struct.unpack(code, struct.pack(code, value))[0]
        return value, number(value)

    return Kind(name, type, "float64", cell, writers)


def text(name, type, writers=ALL):
    def cell(r):
        value = r.choice(TEXTS)
        return value, value

    return Kind(name, type, "string", cell, writers)


def data(name, type, size=None, writers=ALL):
    def cell(r):
        value = r.randbytes(r.choice([0, 1, 5, 13, 40]) if size is None else size)
        return value, {"b": value.hex()}

    return Kind(name, type, "bytes", cell, writers)


def decimals(width, precision, scale, writers=ALL):
    def cell(r):
        unscaled = r.choice([0, 1, -1, 10**precision - 1, 1 - 10**precision, r.randint(-(10**precision) + 1, 10**precision - 1)])
        with decimal.localcontext(prec=100):
            value = decimal.Decimal(unscaled).scaleb(-scale)
        digits = str(abs(unscaled)).rjust(scale + 1, "0")
        form = digits if scale == 0 else f"{digits[:-scale]}.{digits[-scale:]}"
        return value, ("-" if unscaled < 0 else "") + form

    name = f"decimal{width}({precision}, {scale})"
    kind = "decimal" if precision <= 38 else "string"
    return Kind(name, getattr(pa, f"decimal{width}")(precision, scale), kind, cell, writers)


def timestamps(unit, zone, writers=ALL):
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]

    def cell(r):
        seconds = r.choice([0, -1, 1_700_000_000, r.randint(-(2**31), 2**32)])
        value = seconds * per_second + r.randrange(per_second)
        return value, number(value * 1000 // per_second)

    return Kind(f"timestamp[{unit}{f', {zone}' if zone else ''}]", pa.timestamp(unit, zone), "timestamp", cell, writers)


def counted(name, type, kind, limit, writers):
    """Times of the day and durations: what is stored is what is read."""

    def cell(r):
        value = r.choice([0, limit - 1, r.randrange(limit)])
        return value, (number if kind == "int32" else whole)(value)

    return Kind(name, type, kind, cell, writers)


def date32(r):
    days = r.choice([0, -1, 20_000, r.randint(-700_000, 200_000)])
    return days, number(days * 86_400_000)


def date64(r):
    value, form = date32(r)
    return value * 86_400_000, form


def intervals(last, per):
    """Parquet has milliseconds where Arrow has nanoseconds."""

    def cell(r):
        months, days, ms = r.randrange(1000), r.randrange(1000), r.randrange(10**8)
        form = [["months", number(months)], ["days", number(days)], [last, number(ms) if per == 1 else whole(ms * per)]]
        return pa.MonthDayNano([months, days, ms * 10**6]), {"o": form}

    return cell


def uuids(r):
    value = uuid.UUID(bytes=r.randbytes(16))
    return value.bytes, str(value)


DAY = 86_400
FLAT = [
    Kind("bool", pa.bool_(), "boolean", lambda r: (value := r.random() < 0.5, value)),
    *[integer(f"int{bits}", bits, True, "int64" if bits == 64 else "int32") for bits in (8, 16, 32, 64)],
    *[integer(f"uint{bits}", bits, False, "int64" if bits > 16 else "int32") for bits in (8, 16, 32, 64)],
    floating("float16", pa.float16(), "<e", PYARROW),
    floating("float32", pa.float32(), "<f"),
    floating("float64", pa.float64(), "<d"),
    text("string", pa.string()),
    text("large_string", pa.large_string()),
    text("string_view", pa.string_view()),
    text("dictionary<string>", pa.dictionary(pa.int8(), pa.string()), PYARROW | POLARS),
    text("dictionary<large_string>", pa.dictionary(pa.int32(), pa.large_string()), PYARROW),
    text("dictionary<uint16, string>", pa.dictionary(pa.uint16(), pa.string()), PYARROW),
    replace(integer("int64", 64, True, "int64"), name="dictionary<int64>", type=pa.dictionary(pa.int16(), pa.int64()), writers=PYARROW),
    data("dictionary<binary>", pa.dictionary(pa.int32(), pa.binary()), None, PYARROW),
    data("binary", pa.binary()),
    data("large_binary", pa.large_binary()),
    data("binary_view", pa.binary_view()),
    data("fixed_size_binary[7]", pa.binary(7), 7),
    decimals(128, 9, 2),
    decimals(128, 18, 0),
    decimals(128, 38, 10),
    decimals(128, 20, 20, PYARROW),
    decimals(256, 60, 7, PYARROW),
    decimals(32, 7, 3, PYARROW),
    decimals(64, 15, 15, PYARROW),
    Kind("date32", pa.date32(), "timestamp", date32),
    Kind("date64", pa.date64(), "timestamp", date64, PYARROW),
    timestamps("s", None, DUCKDB),
    timestamps("ms", None),
    timestamps("us", None),
    timestamps("ns", None),
    timestamps("s", "UTC", PYARROW),
    timestamps("ms", "Europe/Oslo", POLARS),
    timestamps("us", "UTC"),
    timestamps("ns", "America/New_York", POLARS),
    counted("time32[s]", pa.time32("s"), "int32", DAY, IPC),
    counted("time32[ms]", pa.time32("ms"), "int32", DAY * 10**3, PYARROW),
    counted("time64[us]", pa.time64("us"), "int64", DAY * 10**6, DUCKDB),
    counted("time64[ns]", pa.time64("ns"), "int64", DAY * 10**9, POLARS),
    *[counted(f"duration[{u}]", pa.duration(u), "int64", 2**50, PYARROW if u == "s" else POLARS) for u in ("s", "ms", "us", "ns")],
    Kind("interval", pa.month_day_nano_interval(), "json", intervals("nanoseconds", 10**6), IPC | {"duckdb ipc"}),
    Kind("interval", pa.month_day_nano_interval(), "json", intervals("milliseconds", 1), frozenset(["duckdb parquet"])),
    Kind("null", pa.null(), "json", lambda r: (None, None), PYARROW),
    Kind("arrow.uuid", pa.uuid(), "string", uuids, PARQUET),
    Kind("arrow.json", pa.json_(), "json", lambda r: r.choice([('{"a":[1,null]}', {"o": [["a", [number(1), None]]]}), ("[]", []), ('"x"', "x")]), PYARROW),
]


def nullable(r, kind, share):
    """A cell or null: not where pyarrow would make it an invalid value."""
    return (None, None) if r.random() < share else kind.cell(r)


def lists(kind, type, name, size=None):
    def cell(r):
        count = r.choice([0, 1, 2, 5]) if size is None else size
        cells = [nullable(r, kind, 0.2) for _ in range(count)]
        return [value for value, _ in cells], [form for _, form in cells]

    return Kind(f"{name}<{kind.name}>", type, "list", cell, kind.writers & (PYARROW if name == "large_list" else ALL))


def structs(kinds):
    def cell(r):
        cells = {f"f{i}": nullable(r, kind, 0.2) for i, kind in enumerate(kinds)}
        return {n: value for n, (value, _) in cells.items()}, {"o": [[n, form] for n, (_, form) in cells.items()]}

    writers = frozenset.intersection(*(kind.writers for kind in kinds))
    type = pa.struct([(f"f{i}", kind.type) for i, kind in enumerate(kinds)])
    return Kind(f"struct<{', '.join(kind.name for kind in kinds)}>", type, "struct", cell, writers)


def maps(key, kind):
    def cell(r):
        cells = {}
        for _ in range(r.choice([0, 1, 3])):
            value, form = key.cell(r)
            cells[value] = (form, nullable(r, kind, 0.2))
        pairs = [(k, v) for k, (_, (v, _)) in cells.items()]
        if key.kind == "string":
            return pairs, {"o": [[k, form] for k, (_, (_, form)) in cells.items()]}
        return pairs, [{"o": [["key", k], ["value", form]]} for k, (_, form) in [(f, v) for f, v in cells.values()]]

    return Kind(f"map<{key.name}, {kind.name}>", pa.map_(key.type, kind.type), "json", cell, kind.writers & key.writers & DUCKDB)


# Extension types and nulls within nested types are left to others' tests.
WITHIN = [kind for kind in FLAT if kind.name not in ("null", "arrow.uuid", "arrow.json") and "dictionary" not in kind.name]
KEYS = [kind for kind in FLAT if kind.name in ("string", "int32", "int64")]


def kind_for(r, writer, depth=0):
    if depth >= 3 or r.random() < (0.7 if depth == 0 else 0.6):
        flat = FLAT if depth == 0 else WITHIN
        if writer == "pyarrow parquet" and depth > 0:
            # It can't slice views within structs (26.0).
            flat = [kind for kind in flat if "view" not in kind.name]
        return r.choice([kind for kind in flat if writer in kind.writers])
    within = kind_for(r, writer, depth + 1)
    made = r.choice(["list", "list", "large_list", "fixed_size_list", "struct", "struct", "map"])
    # DuckDB 2.0 writes arrays that are null so that only it reads them: of more cells than rows.
    if made == "fixed_size_list" and writer == "duckdb parquet":
        made = "list"
    if made == "struct":
        kind = structs([within] + [kind_for(r, writer, depth + 1) for _ in range(r.randrange(3))])
    elif made == "map":
        kind = maps(r.choice(KEYS), within)
    elif made == "fixed_size_list":
        kind = lists(within, pa.list_(within.type, 2), made, 2)
    else:
        kind = lists(within, getattr(pa, "list_" if made == "list" else made)(within.type), made)
    return kind if writer in kind.writers else kind_for(r, writer, depth)


def array(kind, values):
    if kind.name == "float16":
        import numpy

        values = [None if value is None else numpy.float16(value) for value in values]
    if isinstance(kind.type, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind.type, pa.array(values, kind.type.storage_type))
    return pa.array(values, kind.type)


def table_of(r, kinds, count, is_sliced):
    """A table of these kinds with its forms; its columns may begin in the middle of buffers."""
    arrays, forms, fields = [], [], []
    for i, kind in enumerate(kinds):
        share = r.choice([0, 0, 0.3, 1]) if kind.name != "null" else 1
        cells = [nullable(r, kind, share) for _ in range(count)]
        values = [value for value, _ in cells]
        ahead = r.randrange(3) if is_sliced else 0
        spare = [kind.cell(r)[0] for _ in range(ahead)]
        arrays.append(array(kind, spare + values).slice(ahead))
        forms.append([form for _, form in cells])
        required = share == 0 and r.random() < 0.5
        fields.append(pa.field(f"c{i}", kind.type, nullable=not required))
    return pa.table(arrays, schema=pa.schema(fields)), forms


def write_pyarrow_ipc(r, table, path):
    as_stream = r.random() < 0.4
    compression = r.choice([None, "lz4", "zstd"])
    if not as_stream and compression is not None and r.random() < 0.2:
        pyarrow.feather.write_feather(table, path + ".feather", compression=compression)
        return path + ".feather", ["feather", compression]
    delta = as_stream and r.random() < 0.5
    options = pa.ipc.IpcWriteOptions(compression=compression, emit_dictionary_deltas=delta)
    make, name = (pa.ipc.new_stream, path + ".arrows") if as_stream else (pa.ipc.new_file, path + ".arrow")
    rows = r.choice([1, 7, 1000])
    with make(name, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)
    return name, ["ipc stream" if as_stream else "ipc file", compression or "no codec"]


def write_pyarrow_parquet(r, table, path):
    compression = r.choice(["none", "snappy", "gzip", "brotli", "lz4", "zstd"])
    page, rows, version = r.choice(["1.0", "2.0"]), r.choice([3, 16, 1000]), r.choice(["2.4", "2.6"])
    traits = [compression, f"data page {page}", f"row groups of {rows}"]
    options = {}
    flat = {field.name: field.type for field in table.schema if not pa.types.is_nested(field.type)}
    if r.random() < 0.4:
        options["use_dictionary"] = False
        encodings = {name: encoding_of(r, type) for name, type in flat.items()}
        options["column_encoding"] = {name: e for name, e in encodings.items() if e is not None}
        traits += sorted(set(options["column_encoding"].values()))
        if not options["column_encoding"]:
            del options["column_encoding"]
    if r.random() < 0.2:
        options["data_page_size"] = 64
        options["write_batch_size"] = 4
        traits.append("small pages")
    if r.random() < 0.3:
        options["store_schema"] = False
        traits.append("no arrow schema")
    if r.random() < 0.3:
        options["write_page_index"] = True
        traits.append("page index")
    if version == "2.4" and any(str(t).startswith("timestamp[ns") or str(t) == "timestamp[us]" for t in flat.values()) and r.random() < 0.3:
        options["use_deprecated_int96_timestamps"] = True
        options.pop("column_encoding", None)
        traits.append("int96")
    if any("[ns" in str(field.type) for field in table.schema):
        version = "2.6"
    if any(f.metadata or isinstance(f.type, pa.BaseExtensionType) for f in table.schema):
        options.pop("store_schema", None)
    path += ".parquet"
    pq.write_table(table, path, compression=compression, data_page_version=page, row_group_size=rows, version=version, **options)
    return path, traits


def encoding_of(r, type):
    if isinstance(type, pa.BaseExtensionType) or pa.types.is_dictionary(type) or pa.types.is_null(type):
        return None
    if pa.types.is_boolean(type):
        return r.choice(["PLAIN", "RLE"])
    if pa.types.is_floating(type):
        return r.choice(["PLAIN", "BYTE_STREAM_SPLIT"])
    if pa.types.is_integer(type) or pa.types.is_timestamp(type):
        return r.choice(["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"])
    if pa.types.is_string(type) or pa.types.is_large_string(type) or pa.types.is_binary(type):
        return r.choice(["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"])
    if pa.types.is_fixed_size_binary(type):
        return r.choice(["PLAIN", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"])
    return None


def write_polars_ipc(r, table, path):
    frame = pl.from_arrow(table, rechunk=r.random() < 0.5)
    compression = r.choice(["uncompressed", "lz4", "zstd"])
    if r.random() < 0.4:
        frame.write_ipc_stream(path + ".arrows", compression=compression)
        return path + ".arrows", ["ipc stream", compression]
    frame.write_ipc(path + ".arrow", compression=compression)
    return path + ".arrow", ["ipc file", compression]


def write_polars_parquet(r, table, path):
    compression = r.choice(["uncompressed", "snappy", "gzip", "brotli", "lz4", "zstd"])
    rows = r.choice([3, 1000])
    pl.from_arrow(table).write_parquet(path + ".parquet", compression=compression, row_group_size=rows)
    return path + ".parquet", [compression, f"row groups of {rows}"]


connection = duckdb.connect()
connection.execute("set timezone = 'UTC'")


def write_duckdb_ipc(r, table, path):
    connection.register("rows", table)
    with connection.sql("from rows").to_arrow_reader(7) as reader:
        with pa.ipc.new_file(path + ".arrow", reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
    return path + ".arrow", ["ipc file"]


def write_duckdb_parquet(r, table, path):
    codec, version = r.choice(["uncompressed", "snappy", "gzip", "brotli", "lz4_raw", "zstd"]), r.choice(["v1", "v2"])
    if "uint32" in str(table.schema):
        version = "v1"  # Of v2 it is not what the format says from 2^31 on (2.0).
    connection.register("rows", table)
    connection.execute(f"copy (from rows) to '{path}.parquet' (format parquet, codec '{codec}', parquet_version '{version}')")
    return path + ".parquet", [codec, f"parquet {version}"]


WRITERS = {
    "pyarrow ipc": write_pyarrow_ipc,
    "pyarrow parquet": write_pyarrow_parquet,
    "polars ipc": write_polars_ipc,
    "polars parquet": write_polars_parquet,
    "duckdb ipc": write_duckdb_ipc,
    "duckdb parquet": write_duckdb_parquet,
}
ORDER = ["pyarrow ipc", "pyarrow parquet", "polars ipc", "pyarrow ipc", "pyarrow parquet", "polars parquet", "pyarrow ipc", "pyarrow parquet", "duckdb parquet", "duckdb ipc"]


def kind_read(kind, writer):
    """Nested columns of Parquet are JSON where nobody declares them."""
    return "json" if kind.kind in ("list", "struct") and writer.endswith("parquet") else kind.kind


def main(folder, count, seed):
    with open(f"{folder}/cases.jsonl", "w", encoding="utf8") as cases:
        for i in range(count):
            r = random.Random(seed * 1_000_003 + i)
            writer = ORDER[i % len(ORDER)]
            kinds = [kind_for(r, writer) for _ in range(r.randint(1, 6))]
            table, forms = table_of(r, kinds, r.choice([0, 1, 2, 17, 40]), writer.startswith("pyarrow"))
            try:
                path, traits = WRITERS[writer](r, table, f"{folder}/{i}")
            except Exception as error:
                raise RuntimeError(f"case {i}, {writer}, {table.schema}") from error
            columns = [[f"c{n}", kind.name, kind_read(kind, writer)] for n, kind in enumerate(kinds)]
            case = {"file": path.rsplit("/", 1)[1], "writer": writer, "traits": traits}
            cases.write(json.dumps({**case, "columns": columns, "cells": forms, "count": table.num_rows}) + "\n")


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

"""Reads files that @millrace/arrow wrote, says where a cell is not what it should be, and writes them
once more with pyarrow, as N.back.arrow what was Parquet and as N.back.parquet what was not.

Argument: a folder with cases.jsonl, one case a line: file, kind (file, stream, parquet), columns
(name, kind and type of each) and rows of cells in the form of `form` below. Prints one line of JSON: how
many files each reader has read, and the first faults.
"""
import json
import struct
import sys

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq


def form(type, cell):
    kind, of = type
    if cell is None:
        return None
    if kind == "list":
        return [form(of, each) for each in cell]
    if kind == "struct":
        return [[name, form(part, cell[name])] for name, part in of]
    if kind == "decimal":
        return f"{cell:f}"
    if kind == "float64":
        return "nan" if cell != cell else struct.pack("<d", cell).hex()
    if kind == "bytes":
        return cell.hex()
    if kind in ("int64", "timestamp"):
        return str(cell)
    return cell


def pyarrow_table(path, kind):
    if kind == "parquet":
        return pq.read_table(path, partitioning=None)
    if kind == "stream":
        return pa.ipc.open_stream(path).read_all()
    return pa.ipc.open_file(path).read_all()


def plain(array):
    if isinstance(array.type, pa.BaseExtensionType):
        array = pa.chunked_array([chunk.storage for chunk in array.chunks], array.type.storage_type)
    if pa.types.is_timestamp(array.type):
        assert array.type == pa.timestamp("ms", tz="UTC"), array.type
        array = array.cast(pa.int64())
    return array


def by_pyarrow(path, kind, columns):
    table = pyarrow_table(path, kind)
    table.validate(full=True)
    return [plain(table.column(i)).to_pylist() for i in range(len(columns))]


def by_polars(path, kind, columns):
    read = {"file": pl.read_ipc, "stream": pl.read_ipc_stream, "parquet": pl.read_parquet}[kind]
    frame = read(path)
    cells = []
    for name, of, _ in columns:
        column = frame[name]
        if of == "timestamp":
            column = column.to_physical()
        if of == "json" and hasattr(column, "ext"):
            column = column.ext.storage() if column.dtype != pl.String else column
        cells.append(column.to_list())
    return cells


def write_back(path, kind):
    table = pyarrow_table(path, kind)
    back = path.replace(".data", ".back.")
    if kind != "parquet":
        pq.write_table(table, back + "parquet", compression="zstd", row_group_size=7)
        return
    with pa.ipc.new_file(back + "arrow", table.schema) as writer:
        writer.write_table(table, max_chunksize=7)


connection = duckdb.connect()
connection.execute("set timezone = 'UTC'")


def by_duckdb(path, kind, columns):
    if kind == "parquet":
        source = f"read_parquet('{path}')"
    else:
        table = pyarrow_table(path, kind)
        connection.register("rows", table)
        source = "rows"
    names = [
        f'epoch_ms("{name}")' if of == "timestamp" else f'"{name}"' for name, of, _ in columns
    ]
    rows = connection.sql(f"select {', '.join(names)} from {source}").fetchall()
    return [[row[i] for row in rows] for i in range(len(columns))]


def main(folder):
    counts = {}
    faults = []
    for line in open(f"{folder}/cases.jsonl", encoding="utf8"):
        case = json.loads(line)
        columns, kind = case["columns"], case["kind"]
        write_back(f"{folder}/{case['file']}", kind)
        for reader in (by_pyarrow, by_polars, by_duckdb):
            name = f"{reader.__name__[3:]} {kind}"
            try:
                cells = reader(f"{folder}/{case['file']}", kind, columns)
                found = [[form(type, cell) for cell in column] for (_, _, type), column in zip(columns, cells)]
                expected = [list(column) for column in zip(*case["rows"])] or [[] for _ in columns]
                if found != expected:
                    wrong = next(i for i in range(len(columns)) if found[i] != expected[i])
                    raise ValueError(f"{columns[wrong]}: {found[wrong]} is not {expected[wrong]}"[:600])
                counts[name] = counts.get(name, 0) + 1
            except Exception as error:
                faults.append(f"{name} {case['file']}: {type(error).__name__} {error}"[:700])
    print(json.dumps({"counts": counts, "faultCount": len(faults), "faults": faults[:10]}))


main(sys.argv[1])

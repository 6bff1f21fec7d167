"""Reads cases from a file, a JSON object a line, and tells what fastavro makes of each.

A case is {"w": writer's schema, "r": reader's schema, "h": [records in hex]}. The answer has for
each record its value by the writer's schema ("w"), by the reader's ("r"), and the value written
again ("b"). Values are told apart by kind: i whole, d double in hex, s text, b bytes in hex, m map
or record, us microseconds.
"""
import datetime
import decimal
import io
import json
import struct
import sys
import uuid

import fastavro

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)


def told(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        return {"d": "nan" if value != value else struct.pack(">d", value).hex()}
    if isinstance(value, str):
        return {"s": value}
    if isinstance(value, (bytes, bytearray)):
        return {"b": bytes(value).hex()}
    if isinstance(value, list):
        return [told(item) for item in value]
    if isinstance(value, dict):
        return {"m": [[key, told(value[key])] for key in sorted(value, key=lambda k: k.encode())]}
    if isinstance(value, decimal.Decimal):
        return {"s": format(value, "f")}
    if isinstance(value, uuid.UUID):
        return {"s": str(value)}
    if isinstance(value, datetime.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return {"us": str((aware - EPOCH) // MICROSECOND)}
    if isinstance(value, datetime.date):
        return {"i": str(value.toordinal() - 719163)}
    if isinstance(value, datetime.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return {"us": str(seconds * 1000000 + value.microsecond)}
    raise TypeError(type(value))


def read(data, writer, reader):
    stream = io.BytesIO(data)
    value = fastavro.schemaless_reader(stream, writer, reader)
    if stream.tell() != len(data):
        raise ValueError("bytes are left")
    return value


def outcome(make):
    try:
        return {"v": make()}
    except Exception as error:  # Whatever it is, it is the answer.
        return {"e": f"{type(error).__name__}: {error}"[:200]}


def main():
    decimal.getcontext().prec = 100
    with open(sys.argv[1]) as cases, open(sys.argv[2], "w") as answers:
        for line in cases:
            case = json.loads(line)
            writer = fastavro.parse_schema(case["w"], named_schemas={})
            try:
                reader = fastavro.parse_schema(case["r"], named_schemas={})
            except Exception:
                reader = None
            answer = {"w": [], "r": [], "b": []}
            for hexed in case["h"]:
                data = bytes.fromhex(hexed)
                answer["w"].append(outcome(lambda: told(read(data, writer, None))))
                answer["r"].append(outcome(lambda: told(read(data, writer, reader))))

                def again():
                    stream = io.BytesIO()
                    fastavro.schemaless_writer(stream, writer, tagged(data, writer))
                    return stream.getvalue().hex()

                answer["b"].append(outcome(again))
            answers.write(json.dumps(answer) + "\n")


def tagged(data, writer):
    """The value with the names of its branches, so that writing takes the same ones."""
    return fastavro.schemaless_reader(
        io.BytesIO(data), writer, None, return_record_name=True, return_named_type=True
    )


main()

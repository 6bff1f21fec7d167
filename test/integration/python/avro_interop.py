"""Reads and writes Avro as Confluent's Python client and fastavro do, for @millrace/avro's tests.

Arguments: a command, then
  serialize URL FRAMING TOPIC   stdin {schema, rows}: prints records {value, headers} in hex
  deserialize URL TOPIC         stdin records: prints rows
  write FOLDER                  stdin {schema, rows}: writes a container file of each codec
  read FOLDER                   prints the rows of each file
In rows a long is text, so that JSON does not round it.
"""

import json
import os
import sys
import warnings

warnings.filterwarnings("ignore")

import fastavro
from confluent_kafka.schema_registry import (
    SchemaRegistryClient,
    header_schema_id_serializer,
    prefix_schema_id_serializer,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

SERIALIZERS = {"guid": header_schema_id_serializer, "id": prefix_schema_id_serializer}
CODECS = ["null", "deflate", "snappy", "zstandard"]


def parsed(row):
    return {**row, "n": int(row["n"])}


def printed(row):
    return {**row, "n": str(row["n"])}


def serialize(url, framing, topic):
    given = json.load(sys.stdin)
    client = SchemaRegistryClient({"url": url})
    conf = {"schema.id.serializer": SERIALIZERS[framing], "auto.register.schemas": True}
    serializer = AvroSerializer(client, json.dumps(given["schema"]), conf=conf)
    records = []
    for row in given["rows"]:
        headers = []
        context = SerializationContext(topic, MessageField.VALUE, headers)
        value = serializer(parsed(row), context)
        named = {name: bytes(each).hex() for name, each in context.headers}
        records.append({"value": value.hex(), "headers": named})
    return records


def deserialize(url, topic):
    deserializer = AvroDeserializer(SchemaRegistryClient({"url": url}))
    rows = []
    for record in json.load(sys.stdin):
        headers = [(name, bytes.fromhex(each)) for name, each in record["headers"].items()]
        context = SerializationContext(topic, MessageField.VALUE, headers)
        rows.append(printed(deserializer(bytes.fromhex(record["value"]), context)))
    return rows


def write(folder):
    given = json.load(sys.stdin)
    rows = [parsed(row) for row in given["rows"]]
    for codec in CODECS:
        with open(os.path.join(folder, f"{codec}.avro"), "wb") as out:
            fastavro.writer(out, given["schema"], rows, codec=codec, sync_interval=500)
    return CODECS


def read(folder):
    files = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".avro"):
            with open(os.path.join(folder, name), "rb") as file:
                files[name] = [printed(row) for row in fastavro.reader(file)]
    return files


COMMANDS = {"serialize": serialize, "deserialize": deserialize, "write": write, "read": read}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

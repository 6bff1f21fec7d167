"""Trains a model on the rows that a running pipeline serves; no file in between.

Argument: the URL of `serveArrow`. Prints one line of JSON: rows read, and the slope found.
"""
import json
import sys
from urllib.request import urlopen

import numpy
import pyarrow as pa
import pyarrow.ipc
from sklearn.linear_model import LinearRegression

table = pa.ipc.open_stream(urlopen(sys.argv[1])).read_all()
matrix = numpy.column_stack([table["distance"].to_numpy()])
model = LinearRegression().fit(matrix, table["delay"].to_numpy())
print(json.dumps({"rows": table.num_rows, "slope": round(float(model.coef_[0]), 6)}))

"""Trains a model on the rows that a running pipeline serves, again with each batch that comes.

Arguments: the URL of `serveArrow`, how many rows to wait for, a file for a plot if one is wanted.
Prints what it has learnt as a line of JSON each time, and first that it knows nothing yet.
"""
import json
import sys
from urllib.request import urlopen

import numpy
import pyarrow as pa
import pyarrow.ipc
from sklearn.linear_model import LinearRegression

from plot import plot

url, rows_wanted, *plot_file = sys.argv[1:]
stream = pa.ipc.open_stream(urlopen(url + "&follow=1"))
batches = []
fits = []
table = stream.schema.empty_table()
print(json.dumps({"rows": table.num_rows}), flush=True)
while table.num_rows < int(rows_wanted):
    batches.append(stream.read_next_batch())
    table = pa.Table.from_batches(batches)
    # A matrix straight from the buffers that came; no file, no parsing.
    features = numpy.column_stack([table["hour"], table["distance"]])
    model = LinearRegression().fit(features, table["delay"])
    per_hour, per_mile = (float(effect) for effect in model.coef_)
    fit = {
        "rows": table.num_rows,
        "intercept": float(model.intercept_),
        "perHour": per_hour,
        "perMile": per_mile,
    }
    fits.append(fit)
    print(json.dumps(fit), flush=True)

if plot_file:
    plot(plot_file[0], table, fits)

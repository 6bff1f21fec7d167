"""Draws the model as it was learnt: mean delays by hour of the day, and the lines fitted to them."""
import numpy

WIDTH, HEIGHT, MARGIN = 640, 320, 44
HOUR_MIN, HOUR_MAX = 5, 24
DELAY_MIN, DELAY_MAX = -10, 30
#: The first fit that has seen so many flights.
SHOWN = [(100, "#d4d4d4"), (1_000, "#9a9a9a"), (20_000, "#c0392b")]


def plot(path, table, fits):
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        "<title>Delays by hour of departure, and the lines fitted to them</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *axes(),
        *means(table),
        *lines(table, fits),
        "</svg>",
    ]
    with open(path, "w") as file:
        file.write("\n".join(parts) + "\n")


def axes():
    for delay in range(DELAY_MIN, DELAY_MAX + 1, 10):
        left, right, at = x(HOUR_MIN), x(HOUR_MAX), y(delay)
        yield f'<path d="M{left} {at}H{right}" stroke="#eee"/>'
        yield f'<text x="{left - 8}" y="{at + 4}" text-anchor="end">{delay}</text>'
    for hour in range(6, HOUR_MAX + 1, 3):
        yield f'<text x="{x(hour)}" y="{HEIGHT - 22}" text-anchor="middle">{hour}:00</text>'
    yield f'<text x="{x(HOUR_MIN)}" y="16">minutes of delay, by hour of departure</text>'


def means(table):
    hours = numpy.floor(table["hour"].to_numpy())
    delays = table["delay"].to_numpy()
    for hour in range(HOUR_MIN, HOUR_MAX):
        mean = delays[hours == hour].mean()
        yield f'<circle cx="{x(hour + 0.5)}" cy="{y(mean)}" r="3" fill="#2c5f8a"/>'


def lines(table, fits):
    """At the mean distance, so that there is one line per fit."""
    miles = table["distance"].to_numpy().mean()
    shown = [(next(fit for fit in fits if fit["rows"] >= rows), color) for rows, color in SHOWN]
    for nth, (fit, color) in enumerate(shown):
        delay = lambda hour: fit["intercept"] + fit["perHour"] * hour + fit["perMile"] * miles
        ends = f"M{x(HOUR_MIN)} {y(delay(HOUR_MIN))}L{x(HOUR_MAX)} {y(delay(HOUR_MAX))}"
        yield f'<path d="{ends}" stroke="{color}" stroke-width="2"/>'
        at = 40 + 18 * nth
        yield f'<path d="M{x(6)} {at}h24" stroke="{color}" stroke-width="2"/>'
        yield f'<text x="{x(6) + 32}" y="{at + 4}">after {fit["rows"]:,} flights</text>'


def x(hour):
    return round(MARGIN + (hour - HOUR_MIN) / (HOUR_MAX - HOUR_MIN) * (WIDTH - 2 * MARGIN), 1)


def y(delay):
    share = (delay - DELAY_MIN) / (DELAY_MAX - DELAY_MIN)
    return round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)

#!/usr/bin/python3
"""Draws what tests/bench/run --scale has measured: scale_plot.py scale.csv > scale.svg.

Three pictures over the number of items, all with logarithmic scales: how long an operation takes,
how long a client beside it waits for its gets, and how much memory the daemon has.
"""
import csv
import math
import sys
from html import escape

WIDTH, HEIGHT = 460, 420
LEFT, RIGHT, TOP, BOTTOM = 66, 150, 44, 48
COLOURS = ["#4269d0", "#ff725c", "#3ca951", "#efb118", "#9c6b4e", "#a463f2", "#6cc5b0", "#97bbf5", "#e7298a", "#555555",
           "#8c8c00", "#0b7189", "#b5179e", "#7f4f24", "#2b9348"]
TARGET_MS = 50


def short(value):
    """1e6 as 1M."""
    for limit, suffix in ((1e6, "M"), (1e3, "k")):
        if value >= limit * 0.999:
            return f"{value / limit:g}{suffix}"
    return f"{value:g}"


def with_unit(value, unit):
    if unit != "s":
        return f"{short(value)} {unit}"
    for limit, prefix in ((1, ""), (1e-3, "m")):
        if value >= limit * 0.999:
            return f"{value / limit:g} {prefix}s"
    return f"{value * 1e6:g} µs"


class Panel:
    def __init__(self, title, unit, series, target=None):
        self.title, self.unit, self.series, self.target = title, unit, series, target
        xs = [x for points in series.values() for x, _ in points]
        ys = [y for points in series.values() for _, y in points] + ([target] if target else [])
        self.x_range = self.decades(xs)
        self.y_range = self.decades(ys)

    @staticmethod
    def decades(values):
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return low, max(high, low + 1)

    def x(self, value):
        low, high = self.x_range
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        low, high = self.y_range
        return HEIGHT - BOTTOM - (math.log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def grid(self):
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        for decade in range(self.x_range[0], self.x_range[1] + 1):
            x = self.x(10.0**decade)
            yield f'<path class="grid" d="M{x:.1f} {TOP}V{bottom}"/>'
            yield f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{short(10.0**decade)}</text>'
        for decade in range(self.y_range[0], self.y_range[1] + 1):
            y = self.y(10.0**decade)
            yield f'<path class="grid" d="M{LEFT} {y:.1f}H{right}"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{with_unit(10.0**decade, self.unit)}</text>'
        yield f'<text x="{(LEFT + right) / 2}" y="{bottom + 38}" text-anchor="middle">items</text>'
        if self.target:
            y = self.y(self.target)
            yield f'<path class="target" d="M{LEFT} {y:.1f}H{right}"/>'
            yield f'<text x="{LEFT + 4}" y="{y - 5:.1f}">at most {self.target} {self.unit}</text>'

    def labels(self):
        """Names at the ends of their lines, moved apart where they would cover each other."""
        ends = sorted((self.y(points[-1][1]), name) for name, points in self.series.items())
        placed = []
        for y, name in ends:
            placed.append((max(y, placed[-1][0] + 14) if placed else y, name))
        excess = max(0, placed[-1][0] - (HEIGHT - BOTTOM + 6)) if placed else 0
        return {name: y - excess for y, name in placed}

    def draw(self, offset, colours):
        yield f'<g transform="translate({offset})">'
        yield f'<text class="title" x="{LEFT}" y="24">{escape(self.title)}</text>'
        yield from self.grid()
        labels = self.labels()
        for name, points in self.series.items():
            colour = colours[name]
            places = [(self.x(x), self.y(y)) for x, y in points]
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
            yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
            for x, y in places:
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
            yield f'<text x="{places[-1][0] + 9:.1f}" y="{labels[name] + 4:.1f}" fill="{colour}">{escape(name)}</text>'
        yield "</g>"


def panels(rows):
    times, waits, memory = {}, {}, {}
    for row in rows:
        items, operation = int(row["items"]), row["operation"]
        if row["get_p99_ms"]:
            name = "alone" if operation == "nothing" else operation
            waits.setdefault(name, []).append((items, float(row["get_p99_ms"])))
        if operation not in ("nothing", "verify again"):
            times.setdefault(operation, []).append((items, float(row["seconds"])))
        if operation in ("unlock", "rotate"):
            memory.setdefault(f"after {operation}", []).append((items, float(row["daemon_mib"])))
    return [
        Panel("Time an operation takes", "s", times),
        Panel("p99 of gets beside it", "ms", waits, target=TARGET_MS),
        Panel("Resident memory of the daemon", "MiB", memory),
    ]


def svg(rows):
    drawn = panels(rows)
    names = list(dict.fromkeys(name for panel in drawn for name in panel.series))
    colours = {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(names)}
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH * len(drawn)}" height="{HEIGHT}" font-family="sans-serif" font-size="12">'
    yield "<style>.grid{stroke:#ddd}.target{stroke:#c00;stroke-dasharray:5 4}.title{font-size:15px;font-weight:bold}</style>"
    yield '<rect width="100%" height="100%" fill="white"/>'
    for index, panel in enumerate(drawn):
        yield from panel.draw(index * WIDTH, colours)
    yield "</svg>"


def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: scale_plot.py scale.csv > scale.svg")
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    print("\n".join(svg(rows)))


if __name__ == "__main__":
    main()

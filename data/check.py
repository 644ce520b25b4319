#!/usr/bin/env python3
"""Checks every table in tables/: shape, keys, ranges, sources. Standard library only.

Run: python3 data/check.py   (exit status 1 and one line per fault when something is wrong)
"""
import csv
import os
import re
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tables")
faults = []


def fault(table, line, text):
    faults.append(f"{table}:{line}: {text}")


def load(table):
    path = os.path.join(HERE, table)
    with open(path, "rb") as file:
        raw = file.read()
    if b"\r" in raw:
        fault(table, 0, "carriage return found (LF only)")
    if raw[:3] == b"\xef\xbb\xbf":
        fault(table, 0, "byte order mark found")
    if not raw.endswith(b"\n"):
        fault(table, 0, "no newline at end of file")
    text = raw.decode("utf-8")
    rows = list(csv.reader(text.splitlines()))
    head = rows[0]
    for name in head:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            fault(table, 1, f"column name not snake_case: {name}")
    out = []
    for n, row in enumerate(rows[1:], start=2):
        if len(row) != len(head):
            fault(table, n, f"{len(row)} fields, {len(head)} expected")
            continue
        if any(cell != cell.strip() for cell in row):
            fault(table, n, "field with leading or trailing space")
        out.append((n, dict(zip(head, row))))
    return head, out, len(raw)


def number(table, n, row, col, low, high, empty=False):
    text = row[col]
    if text == "":
        if not empty:
            fault(table, n, f"{col} is empty")
        return None
    try:
        value = float(text)
    except ValueError:
        fault(table, n, f"{col} is not a number: {text}")
        return None
    if not low <= value <= high:
        fault(table, n, f"{col} = {text} outside {low}..{high}")
    return value


def year(table, n, row, col="year", low=2000, high=2026, empty=False):
    value = number(table, n, row, col, low, high, empty)
    if value is not None and value != int(value):
        fault(table, n, f"{col} is not a whole year")


# table -> (key columns, source columns)
TABLES = {
    "sources.csv": (["id"], []),
    "grid_intensity.csv": (["zone", "basis", "year", "source"], ["source"]),
    "cloud_regions.csv": (["provider", "region"], ["source", "pue_source"]),
    "cloud_region_history.csv": (["provider", "region", "year"], ["source", "pue_source"]),
    "mlco2_impact_2021_regions.csv": (["provider", "region"], ["source"]),
    "mlco2_impact_gpus.csv": (["name"], ["source"]),
    "accelerators.csv": (["vendor", "model"], ["source", "embodied_source"]),
    "embodied.csv": (["vendor", "model", "source"], ["source"]),
    "cpus.csv": (["vendor", "model"], ["source"]),
    "grid_spread.csv": (["source", "low", "high"], ["source"]),
    "grid_trade.csv": (["zone"], ["source"]),
    "instruments.csv": (["instrument", "component", "description"], ["source"]),
    "machine_kinds.csv": (["component", "words"], ["source"]),
    "machine_rest.csv": (["kind", "part", "value"], ["source"]),
    "method_constants.csv": (["method", "name"], ["source"]),
    "plausible_power.csv": (["component", "at_least_s", "words"], ["source"]),
    "power_model.csv": (["name"], ["source"]),
    "pue.csv": (["scope", "kind", "year"], ["source"]),
    "rules.csv": (["name"], ["source"]),
    "equivalents.csv": (["name"], ["source"]),
    "reference_models.csv": (["model", "basis", "source"], ["source"]),
}

found = sorted(name for name in os.listdir(HERE) if name != "__pycache__")
for name in sorted(set(found) ^ set(TABLES)):
    fault(name, 0, "in tables/ or in this list, not in both")

data = {}
sizes = {}
for table, (key, _) in TABLES.items():
    head, rows, size = load(table)
    data[table] = rows
    sizes[table] = size
    seen = {}
    for n, row in rows:
        k = tuple(row[c] for c in key)
        if k in seen:
            fault(table, n, f"duplicate key {k} (first on line {seen[k]})")
        seen[k] = n
        if any(row[c] == "" for c in key):
            fault(table, n, f"empty key column in {k}")

ids = {row["id"] for _, row in data["sources.csv"]}
used = set()
for table, (_, columns) in TABLES.items():
    for n, row in data[table]:
        for c in columns:
            if row[c] == "":
                if c == "source":
                    fault(table, n, "source is empty")
                continue
            used.add(row[c])
            if row[c] not in ids:
                fault(table, n, f"{c} {row[c]} is not in sources.csv")
for name in sorted(ids - used):
    fault("sources.csv", 0, f"{name} is used by no table")

for n, row in data["sources.csv"]:
    year("sources.csv", n, row)
    if re.search(r"share-?alike|ODbL", row["licence"], re.IGNORECASE):
        fault("sources.csv", n, f"{row['id']}: share-alike data must not be embedded")
    if not re.match(r"https://", row["url"]):
        fault("sources.csv", n, "url does not start with https://")

ISO_SPECIAL = {"WORLD", "EU27"}
zones = set()
t = "grid_intensity.csv"
for n, row in data[t]:
    number(t, n, row, "gco2e_per_kwh", 0.5, 1400)
    year(t, n, row, low=2015)
    zones.add(row["zone"])
    if row["basis"] not in ("lifecycle", "direct"):
        fault(t, n, f"basis {row['basis']}")
    if row["zone"] not in ISO_SPECIAL:
        if not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{2,3})?|EGRID-[A-Z]{4}", row["zone"]):
            fault(t, n, f"zone {row['zone']}")
        if not re.fullmatch(r"[A-Z]{3}", row["iso3"]):
            fault(t, n, f"iso3 {row['iso3']}")
keys = [(r["zone"], r["basis"], r["year"], r["source"]) for _, r in data[t]]
if keys != sorted(keys):
    fault(t, 0, "rows are not sorted")
countries = {z for z in zones if re.fullmatch(r"[A-Z]{2}", z)}
if len(countries) < 200:
    fault(t, 0, f"only {len(countries)} countries")

for t in ("cloud_regions.csv", "cloud_region_history.csv"):
    for n, row in data[t]:
        number(t, n, row, "cfe_fraction", 0, 1, empty=True)
        number(t, n, row, "gco2e_per_kwh", 0, 1100, empty=True)
        number(t, n, row, "pue", 1.0, 2.0, empty=True)
        year(t, n, row, low=2019)
        if (row["gco2e_per_kwh"] == "") != (row["basis"] == ""):
            fault(t, n, "basis and gco2e_per_kwh must both be given or both be empty")
        if (row["pue"] == "") != (row["pue_source"] == ""):
            fault(t, n, "pue and pue_source must both be given or both be empty")
        if t == "cloud_regions.csv":
            if row["zone"] not in zones:
                fault(t, n, f"zone {row['zone']} not in grid_intensity.csv")
            if row["country"] not in zones:
                fault(t, n, f"country {row['country']} not in grid_intensity.csv")
            if not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]+)*", row["emaps_zone"]):
                fault(t, n, f"emaps_zone {row['emaps_zone']}")
            if (row["pue"] == "") != (row["pue_year"] == ""):
                fault(t, n, "pue and pue_year must both be given or both be empty")

t = "mlco2_impact_2021_regions.csv"
for n, row in data[t]:
    given = number(t, n, row, "gco2e_per_kwh", 0, 1100)
    used_g = number(t, n, row, "gco2e_per_kwh_used", 0, 1100)
    shown = number(t, n, row, "kgco2e_per_kwh_shown", 0, 1.1)
    number(t, n, row, "offset_percent", 0, 100)
    number(t, n, row, "pue", 1, 2, empty=True)
    if int(given) != used_g:
        fault(t, n, "gco2e_per_kwh_used is not the truncated gco2e_per_kwh")
    if abs(shown - used_g / 1000) > 0.0051:
        fault(t, n, "kgco2e_per_kwh_shown is not the rounded value")
    if row["in_2021"] not in ("true", "false"):
        fault(t, n, "in_2021")
for n, row in data["mlco2_impact_gpus.csv"]:
    number("mlco2_impact_gpus.csv", n, row, "tdp_w", 5, 1500)

t = "accelerators.csv"
alias_owner = {}
for n, row in data[t]:
    number(t, n, row, "tdp_w", 5, 1500, empty=row["power_basis"] == "unpublished")
    if row["gpus_per_board"] not in ("1", "2", "4"):
        fault(t, n, f"gpus_per_board {row['gpus_per_board']}")
    number(t, n, row, "mean_w", 5, 1500, empty=True)
    number(t, n, row, "memory_gb", 1, 600)
    year(t, n, row, "release_year", low=2011)
    number(t, n, row, "embodied_kgco2e", 20, 4000, empty=True)
    if (row["embodied_kgco2e"] == "") != (row["embodied_source"] == ""):
        fault(t, n, "embodied_kgco2e and embodied_source must both be given or both be empty")
    if row["power_basis"] not in ("tdp", "max_measured", "package_estimate", "unpublished"):
        fault(t, n, f"power_basis {row['power_basis']}")
    for name in [row["model"]] + [a for a in row["aliases"].split(";") if a]:
        owner = alias_owner.setdefault(name.lower(), row["model"])
        if owner != row["model"]:
            fault(t, n, f"alias {name} belongs to {owner} as well")
if len(data[t]) < 150:
    fault(t, 0, "fewer than 150 accelerators")
for n, row in data["embodied.csv"]:
    number("embodied.csv", n, row, "kgco2e", 20, 10000)

t = "cpus.csv"
for n, row in data[t]:
    number(t, n, row, "tdp_w", 1, 600)
    cores = number(t, n, row, "cores", 1, 300)
    if cores is not None and cores != int(cores):
        fault(t, n, "cores is not whole")
    year(t, n, row, "release_year", low=2003, empty=True)
if len(data[t]) < 1000:
    fault(t, 0, "fewer than 1000 processors")
if sizes[t] >= 150_000:
    fault(t, 0, f"{sizes[t]} bytes, 150000 allowed")

for n, row in data["pue.csv"]:
    number("pue.csv", n, row, "pue", 1.0, 2.6)
    year("pue.csv", n, row)
for n, row in data["equivalents.csv"]:
    number("equivalents.csv", n, row, "kgco2e_per_unit", 1e-6, 1e6)

for n, row in data["method_constants.csv"]:
    number("method_constants.csv", n, row, "value", 1e-3, 2000)
    year("method_constants.csv", n, row)
for n, row in data["power_model.csv"]:
    ends = [number("power_model.csv", n, row, c, 0.01, 2) for c in ("low", "value", "high")]
    if None not in ends and not ends[0] < ends[1] <= ends[2]:
        fault("power_model.csv", n, "value is not between low and high")
for n, row in data["plausible_power.csv"]:
    number("plausible_power.csv", n, row, "at_least_s", 0, 1e6)
    number("plausible_power.csv", n, row, "multiple", 1, 10, empty=True)
    number("plausible_power.csv", n, row, "ceiling_w", 1, 1e6)
    year("plausible_power.csv", n, row)
for n, row in data["rules.csv"]:
    value = number("rules.csv", n, row, "value", 0, 1e9)
    ends = [number("rules.csv", n, row, c, 0, 1e9, empty=True) for c in ("low", "high")]
    if value is not None and not (ends[0] if ends[0] is not None else value) <= value <= (ends[1] if ends[1] is not None else value):
        fault("rules.csv", n, "value is not between low and high")
    year("rules.csv", n, row)
for t in ("method_constants.csv", "power_model.csv", "rules.csv"):
    keys = [tuple(row[c] for c in TABLES[t][0]) for _, row in data[t]]
    if keys != sorted(keys):
        fault(t, 0, "rows are not sorted")

t = "grid_trade.csv"
for n, row in data[t]:
    for column in ("consumption_twh", "imports_twh", "exports_twh"):
        number(t, n, row, column, 0, 20000)
    year(t, n, row)
    if row["zone"] not in zones:
        fault(t, n, f"zone {row['zone']} not in grid_intensity.csv")
t = "grid_spread.csv"
for n, row in data[t]:
    number(t, n, row, "low", 0.05, 1)
    number(t, n, row, "high", 1, 20)

t = "machine_rest.csv"
for n, row in data[t]:
    ends = [number(t, n, row, c, 0, 1000) for c in ("low", "value", "high")]
    if None not in ends and not ends[0] <= ends[1] < ends[2]:
        fault(t, n, "value is not between low and high")
    year(t, n, row)

t = "instruments.csv"
for n, row in data[t]:
    low, high = number(t, n, row, "low", 0.05, 1), number(t, n, row, "high", 1, 10)
    number(t, n, row, "correction", 0.1, 10)
    number(t, n, row, "below_w", 1, 2000, empty=True)
    number(t, n, row, "offset_w", 0, 100, empty=True)
    year(t, n, row)
    if row["type"] not in ("A", "B"):
        fault(t, n, f"type {row['type']}")
    if None not in (low, high) and low >= high:
        fault(t, n, "low is not below high")

t = "reference_models.csv"
for n, row in data[t]:
    energy = number(t, n, row, "energy_kwh", 1, 1e8, empty=True)
    tonnes = number(t, n, row, "tco2e", 0, 1e5, empty=True)
    number(t, n, row, "hours", 1, 1e8, empty=True)
    number(t, n, row, "pue", 1, 2, empty=True)
    number(t, n, row, "gco2e_per_kwh", 0, 1100, empty=True)
    if row["basis"] not in ("location", "market", "lifecycle"):
        fault(t, n, f"basis {row['basis']}")
    if row["energy_kind"] not in ("", "published", "derived"):
        fault(t, n, f"energy_kind {row['energy_kind']}")
    if energy and tonnes:
        implied = tonnes * 1e6 / energy
        if not 1 <= implied <= 1000 and row["gco2e_per_kwh"] != "0":
            fault(t, n, f"implied intensity {implied:.0f} g/kWh")

for table in TABLES:
    print(f"{table:34s} {len(data[table]):6d} rows {sizes[table]:8d} bytes")
if faults:
    print(f"{len(faults)} fault(s)")
    for line in faults:
        print(line)
    sys.exit(1)
print(f"ok: {len(ids)} sources, {len(countries)} countries, {len(zones)} grid zones")

#!/usr/bin/env python3
"""Derives tables/grid_spread.csv: how far a zone's consumption may lie from the production that grid_intensity.csv holds.

Run: python3 data/derive_grid_spread.py PATH/grid_intensity_emaps.csv   (prints the table; standard library only)

For every country with a life-cycle figure of 2024 in both tables: the ratio of Electricity Maps' flow-traced yearly mean of consumption to
Ember's mean of production. The ratios are put into bands by the country's consumption of electricity and its gross imports as a share of it
(grid_trade.csv); each band's interval reaches from its 3.5th to its 96.5th percentile and holds 1. Electricity Maps' rows (ODbL) are not
embedded and not merged: what leaves this script are two percentiles a band.
"""
import csv
import math
import os
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tables")
SIZES = [5, 25, 100, 100000]  # below so many TWh a year
IMPORTS = [0.05, 1000]  # gross imports below such a share of the consumption
YEAR = "2024"


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def quantile(values, q):
    values = sorted(values)
    place = q * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def main(emaps):
    own = {r["zone"]: float(r["gco2e_per_kwh"]) for r in rows(os.path.join(HERE, "grid_intensity.csv"))
           if r["basis"] == "lifecycle" and r["year"] == YEAR and len(r["zone"]) == 2}
    other = {r["zone"]: float(r["gco2e_per_kwh"]) for r in rows(emaps) if r["year"] == YEAR}
    trade = {r["zone"]: (float(r["consumption_twh"]), float(r["imports_twh"])) for r in rows(os.path.join(HERE, "grid_trade.csv"))}
    ratios = {zone: math.log(other[zone] / own[zone]) for zone in own if zone in other}
    print("below_twh,imports_below,low,high,countries,year,source")
    for at, size in enumerate(SIZES):
        least = SIZES[at - 1] if at else 0
        of_size = [(trade[z][1] / trade[z][0], r) for z, r in ratios.items() if z in trade and least <= trade[z][0] < size]
        bands = [(end, [r for share, r in of_size if start <= share < end]) for start, end in zip([0.0] + IMPORTS, IMPORTS)]
        for end, found in bands:
            low, high = math.exp(min(0.0, quantile(found, 0.035))), math.exp(max(0.0, quantile(found, 0.965)))
            # Two estimates that rest on the same statistics agree better than either is right: 10 % at least.
            low, high = math.floor(min(low, 0.91) * 100) / 100, math.ceil(max(high, 1.10) * 100) / 100
            print(f"{size},{end},{low:.2f},{high:.2f},{len(found)},{YEAR},emaps_spread_2024")
    # A country without figures of trade may be any.
    known = list(ratios.values())
    print(f",,{math.exp(quantile(known, 0.035)):.2f},{math.exp(quantile(known, 0.965)):.2f},{len(known)},{YEAR},emaps_spread_2024")


main(sys.argv[1])

"""Runs carbon-report, DuckDB and Polars in turn on one log and prints medians and ratios.

usage: compare.py CARBON_REPORT DATA_FOLDER [--mb 1000] [--rounds 5]

Times are of whole processes, as the operating system accounts for them (wait4): wall clock, CPU of all threads, peak memory. The log is read once
before, so that it lies in the page cache for all. Every program must reach the energy that the generator prints.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def timed(command):
    """Wall clock (s), CPU (s), peak memory (MB) and output of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with status {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000, output


def generate(folder, megabytes):
    """A log of about that size and its exact energy (kWh, as text)."""
    log, truth = folder / f"nvidia-smi-{megabytes}.csv", folder / f"nvidia-smi-{megabytes}.txt"
    if not truth.exists():
        folder.mkdir(parents=True, exist_ok=True)
        run = subprocess.run([sys.executable, HERE / "gen_nvidia_smi.py", log, "--mb", str(megabytes)], check=True, capture_output=True, text=True)
        truth.write_text(run.stdout)
    return log, re.search(r"energy_kwh=([\d.]+)", truth.read_text())[1]


def energy_of(name, output):
    if name.startswith("carbon-report"):
        return json.loads(output)["energy"]["it_kwh"]["value"]
    return float(re.search(r"energy_kwh=([\d.]+)", output)[1])


def compare(programs, expected, rounds):
    figures = {name: [] for name in programs}
    for _ in range(rounds):
        for name, command in programs.items():
            wall, cpu, memory, output = timed(command)
            found = energy_of(name, output)
            if abs(found - float(expected)) > 1e-6 * float(expected):
                sys.exit(f"{name}: {found} kWh, expected {expected}")
            figures[name].append((wall, cpu, memory))
    medians = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in figures.items()}
    own = medians["carbon-report"]
    print(f"{'program':<24}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'wall ratio':>12}{'cpu ratio':>11}")
    for name, (wall, cpu, memory) in medians.items():
        print(f"{name:<24}{wall:>9.3f}{cpu:>9.3f}{memory:>9.0f}{wall / own[0]:>12.1f}{cpu / own[1]:>11.1f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mb", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    own = [args.binary, "--format", "json", "--region", "FR", "--quiet"]

    log, expected = generate(args.folder, args.mb)
    with open(log, "rb") as file:
        while file.read(1 << 24):
            pass
    print(f"{args.mb} MB nvidia-smi log of 8 GPUs, {os.cpu_count()} cores, median of {args.rounds} rounds; hashing of the input included")
    compare(
        {
            "carbon-report": [*own, str(log)],
            "carbon-report 1 thread": [*own, "--threads", "1", str(log)],
            "duckdb": [sys.executable, str(HERE / "peer_duckdb.py"), str(log)],
            "polars": [sys.executable, str(HERE / "peer_polars.py"), str(log)],
        },
        expected,
        args.rounds,
    )

    small, expected = generate(args.folder, 1)
    folder = args.folder / "folder-1"
    folder.mkdir(exist_ok=True)
    shutil.copy(small, folder / "gpu.csv")
    runs = [timed([*own, str(folder)]) for _ in range(max(args.rounds, 9))]
    print(f"\nfolder of 1 MB: {statistics.median(r[0] for r in runs) * 1000:.1f} ms wall, {max(r[2] for r in runs):.0f} MB peak")
    hundred, _ = generate(args.folder, 100)
    print(f"100 MB log: {timed([*own, str(hundred)])[2]:.0f} MB peak")


main()

"""What samplers cost beside a program: carbon-report record, CodeCarbon and carbontracker on eight (fake) GPUs, in one run.

usage: sampler.py CARBON_REPORT FOLDER [--seconds 30] [--soak TICKS]

Each samples once a second beside a program that sleeps. Processor time in the steady state is what the trackers' process uses while it sleeps; of the recorder, a
process of its own, it is the difference of a long and a short run. All of it is as the operating system accounts for it. Beside that: how long after the program's
start the first sample is taken, and how much later a program of five seconds ends than alone, summary and all. --soak runs the recorder at 1 kHz and prints its
memory and open files on the way: they must stay as they are.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
SHORT_S = 5

# Prints the processor time of all threads while it sleeps: that of starting up varies by more.
PROGRAM = """
import sys, time
def sleep(seconds):
    time.sleep(3)
    start = time.process_time()
    time.sleep(seconds)
    print("steady", time.process_time() - start, file=sys.__stderr__)
"""
SLEEP = "sleep({seconds})"
CODECARBON = """
from codecarbon import OfflineEmissionsTracker
tracker = OfflineEmissionsTracker(country_iso_code="FRA", measure_power_secs=1, log_level="critical", allow_multiple_runs=True)
tracker.start()
sleep({seconds})
tracker.stop()
"""
CARBONTRACKER = """
from carbontracker.tracker import CarbonTracker
tracker = CarbonTracker(epochs=1, update_interval=1, verbose=0, log_dir="carbontracker", monitor_epochs=-1, api_keys=None)
tracker.epoch_start()
sleep({seconds})
tracker.epoch_end()
tracker.stop()
"""


def machine(folder):
    """A library with NVML's face and a tree with two processors."""
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / "libnvidia-ml.so.1"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, HERE / "fake_nvml.c"], check=True)
    # CodeCarbon asks whether this program is there before it asks NVML.
    smi = folder / "nvidia-smi"
    smi.write_text("#!/bin/sh\n")
    smi.chmod(0o755)
    for package in range(2):
        for zone, name in [(f"intel-rapl:{package}", f"package-{package}"), (f"intel-rapl:{package}:0", "dram")]:
            at = folder / "root/sys/class/powercap" / zone
            at.mkdir(parents=True, exist_ok=True)
            (at / "name").write_text(f"{name}\n")
            (at / "energy_uj").write_text("123456789\n")
            (at / "max_energy_range_uj").write_text("262143328850\n")


def spent(command, folder):
    """Processor time (s) and peak memory (MB) of a command, and what it says on stderr."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=folder, env=environment(folder), stdout=subprocess.DEVNULL, stderr=errors)
        # What wait4 says of memory begins with that of the process that forked: the kernel's own high-water mark is asked instead.
        memory, ended = 0, 0
        while not ended:
            memory = max(memory, high_water_mb(process.pid))
            time.sleep(0.05)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode()
        if process.returncode != 0:
            sys.exit(f"{command[0]} ended with status {process.returncode}: {said[-2000:]}")
    return usage.ru_utime + usage.ru_stime, memory, said


def high_water_mb(process):
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def compare(binary, folder, seconds):
    record = [binary, "record", "-q", "-o", "logs", "--host-root", "root", "--", "sleep"]
    print(f"{'sampler':<24}{'steady % of a core':>20}{'start and end, cpu s':>22}{'peak MB':>9}")

    def line(name, steady, rest, memory):
        print(f"{name:<24}{100 * steady:>20.3f}{rest:>22.3f}{memory:>9.1f}", flush=True)

    spent(record + ["0"], folder)
    short, _, _ = spent(record + [str(SHORT_S)], folder)
    long, memory, _ = spent(record + [str(SHORT_S + seconds)], folder)
    steady = (long - short) / seconds
    line("carbon-report record", steady, short - SHORT_S * steady, memory)
    for name, program in [("CodeCarbon", CODECARBON), ("carbontracker", CARBONTRACKER), ("Python, asleep", SLEEP)]:
        cpu, memory, errors = spent([sys.executable, "-c", PROGRAM + program.format(seconds=seconds)], folder)
        asleep = float(re.search(r"steady ([\d.e-]+)", errors)[1])
        line(name, asleep / seconds, cpu - asleep, memory)


# The first thing that a program can do is to look at the clock that stands last in a record.
FIRST_WORD = """
#include <stdio.h>
#include <time.h>
int main(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return printf("%lld\\n", now.tv_sec * 1000000LL + now.tv_nsec / 1000) < 0;
}
"""


def first_samples(binary, folder, rounds):
    """Milliseconds from the program's first word to the first sample."""
    subprocess.run(["cc", "-O2", "-x", "c", "-o", folder / "first-word", "-"], input=FIRST_WORD, text=True, check=True)
    waits = []
    for _ in range(rounds):
        shutil.rmtree(folder / "first", ignore_errors=True)
        command = [binary, "record", "-q", "-o", "first", "--host-root", "root", "--", folder / "first-word"]
        started = int(subprocess.run(command, cwd=folder, env=environment(folder), check=True, capture_output=True).stdout)
        [log] = (folder / "first").iterdir()
        sample = next(record for record in map(json.loads, log.read_text().splitlines()) if "sample" in record)
        waits.append((sample["clock_us"][2] - started) / 1000)
    return waits


def ends(binary, folder, rounds):
    """Milliseconds by which a program of five seconds ends later when it is recorded."""
    alone = ["sleep", str(SHORT_S)]
    delays = []
    for _ in range(rounds):
        took = []
        for command in [alone, [binary, "record", "--region", "FR", "-o", "ends", "--host-root", "root", "--", *alone]]:
            start = time.monotonic()
            subprocess.run(command, cwd=folder, env=environment(folder), check=True, capture_output=True)
            took.append(1000 * (time.monotonic() - start))
        delays.append(took[1] - took[0])
    return delays


def environment(folder):
    return dict(os.environ, LD_LIBRARY_PATH=str(folder), PATH=f"{folder}:{os.environ['PATH']}")


def latencies(binary, folder, rounds):
    print(f"{'milliseconds':<52}{'median':>8}{'least':>8}{'most':>8}")
    for what, values in [
        ("from the program's start to the first sample", first_samples(binary, folder, 2 * rounds)),
        ("a program of 5 s ends later by, with its summary", ends(binary, folder, rounds)),
    ]:
        print(f"{what:<52}{statistics.median(values):>8.1f}{min(values):>8.1f}{max(values):>8.1f}", flush=True)


def soak(binary, folder, ticks):
    seconds = ticks / 1000
    command = [binary, "record", "-q", "--interval", "1ms", "-o", "soak", "--host-root", "root", "--", "sleep", str(seconds)]
    process = subprocess.Popen(command, cwd=folder, env=environment(folder))
    print(f"{'second':>7}{'resident MB':>13}{'open files':>12}")
    start = time.monotonic()
    wait = 2
    while process.poll() is None:
        time.sleep(wait)
        wait = max(seconds / 10, 1)
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            files = len(os.listdir(f"/proc/{process.pid}/fd"))
        except OSError:
            break
        resident = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")), None)
        if resident:
            print(f"{time.monotonic() - start:>7.0f}{int(resident) / 1000:>13.1f}{files:>12}", flush=True)
    logs = sorted((folder / "soak").iterdir())
    size = sum(log.stat().st_size for log in logs)
    samples = sum(line.startswith(b'{"sample"') for log in logs for line in log.open("rb"))
    last = logs[-1].read_bytes().splitlines()[-1].decode()
    print(f"{samples} ticks of 12 devices, {size / samples / 12:.0f} bytes a device and tick; {last}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--soak", type=int, default=0)
    arguments = parser.parse_args()
    binary, folder = arguments.binary.resolve(), arguments.folder.resolve()
    machine(folder)
    if arguments.soak:
        soak(binary, folder, arguments.soak)
    else:
        latencies(binary, folder, arguments.rounds)
        compare(binary, folder, arguments.seconds)


if __name__ == "__main__":
    main()

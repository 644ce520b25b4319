"""What samplers cost beside a program: carbon-report record, CodeCarbon and carbontracker on eight (fake) GPUs, in one run.

usage: sampler.py CARBON_REPORT FOLDER [--seconds 30] [--soak TICKS]

Each samples once a second beside a program that sleeps. Processor time in the steady state is the difference of a long and a short run, so that starting up
is a column of its own; both are of whole processes, as the operating system accounts for them (wait4). --soak runs the recorder at 1 kHz and prints its
memory and open files on the way: they must stay as they are.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
SHORT_S = 5

SLEEP = "import time; time.sleep({seconds})"
CODECARBON = """
from codecarbon import OfflineEmissionsTracker
tracker = OfflineEmissionsTracker(country_iso_code="FRA", measure_power_secs=1, log_level="critical", allow_multiple_runs=True)
tracker.start()
import time; time.sleep({seconds})
tracker.stop()
"""
CARBONTRACKER = """
from carbontracker.tracker import CarbonTracker
tracker = CarbonTracker(epochs=1, update_interval=1, verbose=0, log_dir="carbontracker", monitor_epochs=-1, api_keys=None)
tracker.epoch_start()
import time; time.sleep({seconds})
tracker.epoch_end()
tracker.stop()
"""


def machine(folder):
    """A library with NVML's face and a tree with two processors."""
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / "libnvidia-ml.so.1"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, HERE / "fake_nvml.c"], check=True)
    for package in range(2):
        for zone, name in [(f"intel-rapl:{package}", f"package-{package}"), (f"intel-rapl:{package}:0", "dram")]:
            at = folder / "root/sys/class/powercap" / zone
            at.mkdir(parents=True, exist_ok=True)
            (at / "name").write_text(f"{name}\n")
            (at / "energy_uj").write_text("123456789\n")
            (at / "max_energy_range_uj").write_text("262143328850\n")


def spent(command, folder):
    """Processor time (s), peak memory (MB) and wall clock (s) of a command."""
    environment = dict(os.environ, LD_LIBRARY_PATH=str(folder))
    start = time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        # What wait4 says of memory begins with that of the process that forked: the kernel's own high-water mark is asked instead.
        memory, ended = 0, 0
        while not ended:
            memory = max(memory, high_water_mb(process.pid))
            time.sleep(0.05)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            sys.exit(f"{command[0]} ended with status {process.returncode}: {errors.read().decode()[-2000:]}")
    return usage.ru_utime + usage.ru_stime, memory, wall


def high_water_mb(process):
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def compare(binary, folder, seconds):
    record = [binary, "record", "-q", "-o", "logs", "--host-root", "root", "--", "sleep"]
    programs = {
        "carbon-report record": lambda s: record + [str(s)],
        "CodeCarbon": lambda s: [sys.executable, "-c", CODECARBON.format(seconds=s)],
        "carbontracker": lambda s: [sys.executable, "-c", CARBONTRACKER.format(seconds=s)],
        "Python, asleep": lambda s: [sys.executable, "-c", SLEEP.format(seconds=s)],
    }
    print(f"{'sampler':<24}{'steady % of a core':>20}{'start and end, cpu s':>22}{'wall beyond, s':>16}{'peak MB':>9}")
    for name, command in programs.items():
        spent(command(0), folder)  # so that files are in the page cache and Python's are compiled
        short, _, _ = spent(command(SHORT_S), folder)
        long, memory, wall = spent(command(SHORT_S + seconds), folder)
        steady = (long - short) / seconds
        print(f"{name:<24}{100 * steady:>20.3f}{short - SHORT_S * steady:>22.3f}{wall - SHORT_S - seconds:>16.2f}{memory:>9.1f}", flush=True)


def soak(binary, folder, ticks):
    seconds = ticks / 1000
    command = [binary, "record", "-q", "--interval", "1ms", "-o", "soak", "--host-root", "root", "--", "sleep", str(seconds)]
    process = subprocess.Popen(command, cwd=folder, env=dict(os.environ, LD_LIBRARY_PATH=str(folder)))
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
    parser.add_argument("--soak", type=int, default=0)
    arguments = parser.parse_args()
    binary, folder = arguments.binary.resolve(), arguments.folder.resolve()
    machine(folder)
    if arguments.soak:
        soak(binary, folder, arguments.soak)
    else:
        compare(binary, folder, arguments.seconds)


if __name__ == "__main__":
    main()

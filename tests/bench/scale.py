"""Runs carbon-report on logs that are large in one way each, and prints time, memory, growth and what is allowed.

usage: scale.py CARBON_REPORT DATA_FOLDER [--beside OTHER_CARBON_REPORT ...] [--rounds 3] [--share 1.0] [--timeout 300] [CASE ...]

Each case is made in two sizes, so that work which is not linear shows: `growth` is the time of the whole by that of its half (2 is linear; start and end of the
program weigh on small ones). Times are of whole processes, CPU in user mode, the best of the rounds; memory is the peak of the whole size; `report` the size of the report.
A second program, an older build for example, runs in turn with the first one. `--share 0.1` takes a tenth of each size, and then the bounds are not looked at.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import datetime, timedelta
from pathlib import Path

START = datetime(2024, 5, 1)


def second(number):
    """A stamp `number` seconds after the start."""
    return START + timedelta(seconds=number)


# CodeCarbon


CODECARBON = (
    "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,"
    "country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,"
    "latitude,ram_total_size,tracking_mode,on_cloud,pue\n"
)


def codecarbon_row(end, run, hours):
    cpu, gpu, ram = 0.112 * hours, 0.3 * hours, 0.01 * hours
    return (
        f"{second(end):%Y-%m-%dT%H:%M:%S},demo,{run},{hours * 3600:.3f},{0.06 * (cpu + gpu + ram):.9f},0.00001,112.0,300.0,10.0,{cpu:.9f},{gpu:.9f},{ram:.9f},"
        f"{cpu + gpu + ram:.9f},France,FRA,,,,Linux-6.1.0-x86_64,3.11.7,2.3.5,32,AMD EPYC 7713,1,1 x NVIDIA A100-SXM4-80GB,,,251.7,machine,N,1.0\n"
    )


def run_id(number):
    return uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)


def codecarbon_runs(folder, count):
    """A run a row, one after the other."""
    with open(folder / "emissions.csv", "w") as file:
        file.write(CODECARBON)
        file.writelines(codecarbon_row(120 * (run + 1), run_id(run), 100 / 3600) for run in range(count))


def codecarbon_flushed(folder, count):
    """Runs of 100 rows each, which are running totals."""
    with open(folder / "emissions.csv", "w") as file:
        file.write(CODECARBON)
        file.writelines(codecarbon_row(15 * row, run_id(row // 100), (row % 100 + 1) * 15 / 3600) for row in range(count))


def codecarbon_flushed_one(folder, count):
    """One run, whose rows are running totals."""
    with open(folder / "emissions.csv", "w") as file:
        file.write(CODECARBON)
        file.writelines(codecarbon_row(15 * row, run_id(1), (row + 1) * 15 / 3600) for row in range(count))


# perf stat


def perf(folder, count, stamp):
    with open(folder / "perf.csv", "w", buffering=1 << 20) as file:
        file.write("# started on Thu Jun 12 14:03:21 2025\n\n")
        draw = random.Random(1)
        for row in range(count):
            at = stamp(row, draw)
            file.write(f"{at:16.9f},{79 + row % 20}.86,Joules,power/energy-pkg/,1001200000,100.00,,\n")


def perf_regular(folder, count):
    perf(folder, count, lambda row, _: row + 1.001)


def perf_one_stamp(folder, count):
    perf(folder, count, lambda row, _: 1.001)


def perf_hourly(folder, count):
    perf(folder, count, lambda row, _: 3600.0 * (row + 1))


def perf_random(folder, count):
    perf(folder, count, lambda row, draw: draw.uniform(1, 10_000_000))


def perf_falling(folder, count):
    perf(folder, count, lambda row, _: float(2 * count - row))


def perf_one_start(folder, count):
    """Runs that all say that they were started at one time, as of a board without a battery."""
    with open(folder / "perf.csv", "w", buffering=1 << 20) as file:
        for row in range(count):
            if row % 60 == 0:
                file.write("# started on Thu Jan  1 00:00:12 1970\n\n")
            file.write(f"{row % 60 + 1.001:16.9f},{79 + row % 20}.86,Joules,power/energy-pkg/,1001200000,100.00,,\n")


def perf_pairs(folder, count):
    """Each stamp twice."""
    perf(folder, count, lambda row, _: row // 2 + 1.001)


def perf_pauses(folder, count):
    """A pause of a day after each hundred rows."""
    perf(folder, count, lambda row, _: row + 1.001 + row // 100 * 86_400)


# Slurm


def slurm_jobs(folder, count):
    with open(folder / "sacct.txt", "w", buffering=1 << 20) as file:
        file.write("JobID|JobName|State|Start|End|ElapsedRaw|NNodes|NodeList|AllocTRES|ConsumedEnergyRaw\n")
        for job in range(count):
            start, end = second(job * 30), second(job * 30 + 3600)
            file.write(
                f"{8_000_000 + job}|train{job % 50}|COMPLETED|{start:%Y-%m-%dT%H:%M:%S}|{end:%Y-%m-%dT%H:%M:%S}|3600|1|node{job % 300:03}|"
                f"billing=64,cpu=64,gres/gpu=4,mem=450G,node=1|{3_600_000 + job % 1000 * 1000}\n"
            )


# nvidia-smi and tables


NVIDIA = "timestamp, index, name, uuid, power.draw [W]\n"


def nvidia_row(at, gpu, watts):
    return f"{second(at):%Y/%m/%d %H:%M:%S}.250, {gpu}, NVIDIA A100-SXM4-80GB, {gpu_uuid(gpu)}, {watts}.50 W\n"


def gpu_uuid(gpu):
    return f"GPU-{gpu:08x}-1111-2222-3333-444455556666"


def plain(folder, count):
    """What most logs are: eight GPUs, a row a second each."""
    with open(folder / "gpu.csv", "w", buffering=1 << 20) as file:
        file.write(NVIDIA)
        file.writelines(nvidia_row(row // 8, row % 8, 200 + row * 31 % 97) for row in range(count))


def recordings(folder, count):
    """A log that was begun anew again and again: each recording has its header and 60 rows of one GPU, an hour after the one before."""
    with open(folder / "gpu.csv", "w", buffering=1 << 20) as file:
        for recording in range(count):
            file.write(NVIDIA)
            file.writelines(nvidia_row(recording * 3600 + row, 0, 200 + (recording + row) * 31 % 97) for row in range(60))


def recordings_on(folder, count):
    """The same, each going on where the one before ends."""
    with open(folder / "gpu.csv", "w", buffering=1 << 20) as file:
        for recording in range(count):
            file.write(NVIDIA)
            file.writelines(nvidia_row(recording * 60 + row, 0, 200 + (recording + row) * 31 % 97) for row in range(60))


def devices(folder, count):
    """A log of many GPUs, ten rows each."""
    with open(folder / "gpu.csv", "w", buffering=1 << 20) as file:
        file.write(NVIDIA)
        file.writelines(nvidia_row(10 * tick, gpu, 200 + (tick + gpu) * 31 % 97) for tick in range(10) for gpu in range(count))


def table_devices(folder, count):
    """A table of one's own, of many devices."""
    with open(folder / "power.csv", "w", buffering=1 << 20) as file:
        file.write("timestamp,device,power_w\n")
        file.writelines(f"{second(10 * tick):%Y-%m-%dT%H:%M:%SZ},{device},{200 + (tick + device) * 31 % 97}\n" for tick in range(10) for device in range(count))


def hosts(folder, count):
    """A table of many hosts, a GPU each."""
    with open(folder / "power.csv", "w", buffering=1 << 20) as file:
        file.write("timestamp,host,gpu_power_w\n")
        file.writelines(f"{second(10 * tick):%Y-%m-%dT%H:%M:%SZ},node{host:05},{200 + (tick + host) * 31 % 97}\n" for tick in range(10) for host in range(count))


def host_files(folder, count):
    """A file of each host, in a folder of its own."""
    for host in range(count):
        own = folder / f"node{host:05}"
        own.mkdir()
        with open(own / "gpu.csv", "w") as file:
            file.write(NVIDIA)
            file.writelines(nvidia_row(10 * tick, host, 200 + (tick + host) * 31 % 97) for tick in range(10))


# Folders and files of no use


def small_logs(folder, count):
    """Small logs of one GPU, one after the other, a thousand a folder."""
    for number in range(count):
        own = folder / f"{number // 1000:03}"
        own.mkdir(exist_ok=True)
        with open(own / f"gpu{number:06}.csv", "w") as file:
            file.write(NVIDIA)
            file.writelines(nvidia_row(number * 100 + 10 * tick, 0, 200 + (tick + number) * 31 % 97) for tick in range(10))


def small_files(folder, count):
    """Small files of which one in a hundred is a log: configurations, texts, results."""
    for number in range(count):
        own = folder / f"{number // 1000:03}"
        own.mkdir(exist_ok=True)
        if number % 100 == 0:
            with open(own / f"gpu{number:06}.csv", "w") as file:
                file.write(NVIDIA)
                file.writelines(nvidia_row(number * 100 + 10 * tick, 0, 200 + (tick + number) * 31 % 97) for tick in range(10))
        else:
            (own / f"{number:06}.txt").write_text(f"step {number}\nloss 0.{number}\n")


def sparse_file(folder, gigabytes):
    """A log, then nothing but zeros: a disk that was full, a copy that broke off. Nothing of it lies on the disk."""
    with open(folder / "gpu.csv", "w") as file:
        file.write(NVIDIA)
        file.writelines(nvidia_row(row, 0, 200 + row * 31 % 97) for row in range(2000))
        file.truncate(gigabytes * 1_000_000_000)


def sparse_alone(folder, gigabytes):
    """The same beside a log: it holds nothing but zeros."""
    with open(folder / "checkpoint.bin", "wb") as file:
        file.truncate(gigabytes * 1_000_000_000)
    with open(folder / "gpu.csv", "w") as file:
        file.write(NVIDIA)
        file.writelines(nvidia_row(row, 0, 200 + row * 31 % 97) for row in range(2000))


def short_lines(folder, megabytes, line="1,\n"):
    with open(folder / "gpu.csv", "w") as file:
        file.write(NVIDIA)
        file.writelines(nvidia_row(row, 0, 200 + row * 31 % 97) for row in range(2000))
        lines = line * (1_000_000 // len(line))
        for _ in range(megabytes):
            file.write(lines)


def empty_lines(folder, megabytes):
    short_lines(folder, megabytes, "\r\n\n")


def short_rows(folder, megabytes):
    """A table of rows of three bytes: a power a line, of known interval."""
    with open(folder / "power.csv", "w") as file:
        file.write("power_w\n")
        for _ in range(megabytes):
            file.write("21\n" * 333_333)


# Decoders


def json_lines(folder, count):
    """System metrics of W&B, a record a line."""
    with open(folder / "wandb-events.jsonl", "w", buffering=1 << 20) as file:
        for row in range(count):
            gpus = ", ".join(f'"system.gpu.{gpu}.powerWatts": {200 + (row + gpu) * 31 % 97}.25, "system.gpu.{gpu}.temp": 61' for gpu in range(4))
            file.write(f'{{{gpus}, "system.cpu": 65.27, "_wandb": true, "_timestamp": {1_750_000_000 + 10 * row}, "_runtime": {10 * row}}}\n')


def json_tree(folder, count):
    """Metrics of OpenTelemetry, deep objects a line."""
    with open(folder / "metrics.jsonl", "w", buffering=1 << 20) as file:
        for row in range(count):
            points = ", ".join(
                f'{{"attributes": [{{"key": "hw.id", "value": {{"stringValue": "gpu-{gpu}"}}}}, {{"key": "hw.type", "value": {{"stringValue": "gpu"}}}}], '
                f'"timeUnixNano": "{1_750_000_000 + 10 * row}000000000", "asDouble": {200 + (row + gpu) * 31 % 97}.5}}'
                for gpu in range(4)
            )
            file.write(
                '{"resourceMetrics": [{"resource": {"attributes": [{"key": "host.name", "value": {"stringValue": "node-a"}}]}, "scopeMetrics": '
                f'[{{"scope": {{"name": "hw"}}, "metrics": [{{"name": "hw.power", "unit": "W", "gauge": {{"dataPoints": [{points}]}}}}]}}]}}]}}\n'
            )


def json_range(folder, count):
    """An answer of Prometheus' API over a range: eight boards in one line."""
    with open(folder / "range.json", "w", buffering=1 << 20) as file:
        file.write('{"status":"success","data":{"resultType":"matrix","result":[')
        for gpu in range(8):
            file.write("," if gpu else "")
            file.write(f'{{"metric":{{"__name__":"DCGM_FI_DEV_POWER_USAGE","Hostname":"node-a","UUID":"{gpu_uuid(gpu)}","gpu":"{gpu}"}},"values":[')
            file.write(",".join(f'[{1_750_000_000 + 15 * row}.123,"{200 + (row + gpu) * 31 % 97}.25"]' for row in range(count)))
            file.write("]}")
        file.write("]}}\n")


def json_own(folder, count):
    """Objects of one's own, one a line."""
    with open(folder / "power.jsonl", "w", buffering=1 << 20) as file:
        file.writelines(
            f'{{"time": "{second(row):%Y-%m-%dT%H:%M:%SZ}", "gpu": "gpu0", "power_w": {200 + row * 31 % 97}.25, "temp_c": 61}}\n' for row in range(count)
        )


def exposition(folder, count):
    """Scrapes of an exporter of DCGM, one behind the other."""
    names = ("DCGM_FI_DEV_SM_CLOCK", "DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_GPU_UTIL")
    with open(folder / "metrics.prom", "w", buffering=1 << 20) as file:
        for row in range(count):
            file.write(f"# scraped at {second(10 * row):%Y-%m-%dT%H:%M:%S}.545430Z\n")
            for name in names:
                file.write(f"# HELP {name} What it is.\n# TYPE {name} gauge\n")
                file.writelines(
                    f'{name}{{gpu="{gpu}",UUID="{gpu_uuid(gpu)}",device="nvidia{gpu}",modelName="NVIDIA H100 80GB HBM3",Hostname="node-a"}} '
                    f"{200 + (row + gpu) * 31 % 97}.5\n"
                    for gpu in range(4)
                )


def line_protocol(folder, count):
    """Telegraf's lines of a board controller."""
    with open(folder / "ipmi.lp", "w", buffering=1 << 20) as file:
        for row in range(count):
            at = f"{1_750_000_000 + 10 * row}000000000"
            file.write(f"ipmi_sensor,host=a,name=pwr_consumption,server=b,unit=watts status=1i,value={600 + row % 97} {at}\n")
            file.write(f"ipmi_sensor,host=a,name=ps1_power_in,unit=watts status=1i,value={330 + row % 31} {at}\n")
            file.write(f"ipmi_sensor,host=a,name=system_temp,unit=degrees_c status=1i,value=40 {at}\n")


def blocks(folder, count):
    """Samples of powermetrics, a block of lines under each stamp."""
    with open(folder / "powermetrics.txt", "w", buffering=1 << 20) as file:
        file.write("Machine model: MacBookPro15,1\nOS version: 19H2\nBoot arguments: \n\n")
        for row in range(count):
            file.write(f"\n\n*** Sampled system activity ({second(5 * row):%a %b %d %H:%M:%S %Y} +0200) (5003.11ms elapsed) ***\n\n")
            file.write(f"**** Processor usage ****\n\nIntel energy model derived package power (CPUs+GT+SA): {14 + row % 9}.20W\n\n")
            file.write("LLC flushed residency: 0%\n\nSystem Average frequency as fraction of nominal: 97.1% (2525.1 Mhz)\n")
            file.writelines(f"Core {core} C-state residency: 10.1% (C3: 0.0% C6: 0.0% C7: 10.1%)\n" for core in range(4))


def key_values(folder, count):
    """Lines of tegrastats."""
    with open(folder / "tegra.log", "w", buffering=1 << 20) as file:
        for row in range(count):
            file.write(
                f"{second(row):%m-%d-%Y %H:%M:%S} RAM 2274/6834MB (lfb 27x4MB) SWAP 542/3417MB (cached 2MB) CPU [99%@1189,off] EMC_FREQ 0% GR3D_FREQ 22% "
                f"GPU@38C VDD_IN {5000 + row % 97}mW/4000mW VDD_CPU_GPU_CV 1594mW/1594mW VDD_SOC 1234mW/1234mW\n"
            )


def plain_table(folder, count):
    """A home-made table of one device."""
    with open(folder / "power.csv", "w", buffering=1 << 20) as file:
        file.write("time,device,power_w\n")
        file.writelines(f"{second(row):%Y-%m-%dT%H:%M:%SZ},gpu0,{200 + row * 31 % 97}.25\n" for row in range(count))


# Case: how it is made, its size, what is allowed: seconds, megabytes, megabytes of report, options; `rate` is the share of the plain log's bytes a second that it must reach,
# `mb_s` how many megabytes a second of processor time.
CASES = {
    "plain": (plain, 1_200_000, {"mb": 48}),
    "codecarbon-runs": (codecarbon_runs, 100_000, {"s": 3, "mb": 300, "report_mb": 4}),
    "codecarbon-flushed": (codecarbon_flushed, 100_000, {"s": 3, "mb": 300, "report_mb": 4}),
    "codecarbon-flushed-one": (codecarbon_flushed_one, 100_000, {"s": 3, "mb": 300, "report_mb": 4}),
    "perf-regular": (perf_regular, 1_430_000, {"mb": 48}),
    "perf-one-stamp": (perf_one_stamp, 1_430_000, {"mb": 48}),
    "perf-one-start": (perf_one_start, 1_430_000, {"mb": 48}),
    "perf-pairs": (perf_pairs, 1_430_000, {"mb": 48}),
    "perf-hourly": (perf_hourly, 1_430_000, {"mb": 48}),
    "perf-pauses": (perf_pauses, 1_430_000, {"mb": 48}),
    "perf-random": (perf_random, 1_430_000, {"mb": 48}),
    "perf-falling": (perf_falling, 1_430_000, {"mb": 48}),
    "slurm-jobs": (slurm_jobs, 1_000_000, {"s": 14, "mb": 1600, "report_mb": 4}),
    "recordings": (recordings, 10_000, {"mb": 64}),
    "recordings-on": (recordings_on, 10_000, {"mb": 64}),
    "devices": (devices, 10_000, {"mb": 64, "report_mb": 4}),
    "table-devices": (table_devices, 10_000, {"mb": 64, "report_mb": 4}),
    "hosts": (hosts, 10_000, {"mb": 64, "report_mb": 4}),
    "host-files": (host_files, 10_000, {"mb": 100, "report_mb": 4}),
    "small-logs": (small_logs, 100_000, {"s": 20, "mb": 100}),
    "small-files": (small_files, 100_000, {"s": 20, "mb": 100}),
    "sparse-file": (sparse_file, 10, {"mb": 48, "rate": 0.25}),
    "sparse-alone": (sparse_alone, 10, {"mb": 48}),
    "short-lines": (short_lines, 78, {"mb": 48, "rate": 0.25}),
    "empty-lines": (empty_lines, 78, {"mb": 48, "rate": 0.25}),
    "json-lines": (json_lines, 150_000, {"mb": 48, "mb_s": 150}),
    "json-tree": (json_tree, 40_000, {"mb": 48, "mb_s": 150}),
    "json-range": (json_range, 300_000, {"mb": 48, "mb_s": 150}),
    "json-own": (json_own, 800_000, {"mb": 48, "mb_s": 150}),
    "exposition": (exposition, 20_000, {"mb": 48, "mb_s": 150}),
    "line-protocol": (line_protocol, 150_000, {"mb": 48, "mb_s": 150}),
    "blocks": (blocks, 80_000, {"mb": 48, "mb_s": 150}),
    "key-values": (key_values, 200_000, {"mb": 48, "mb_s": 150}),
    "plain-table": (plain_table, 1_200_000, {"mb": 48, "mb_s": 300}),
    "short-rows": (short_rows, 78, {"mb": 48, "rate": 0.25, "options": ["--interval", "1"]}),
}


class TooLong(Exception):
    pass


def timed(binary, folder, options, timeout):
    """User CPU (s), wall clock (s), peak memory (MB) and size of the report (MB)."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        # Started from a shell that starts nothing else: what a process of ours holds would count as its peak.
        command = [binary, str(folder), "--format", "json", "--region", "FR", "--quiet", *options]
        process = subprocess.Popen(["/bin/sh", "-c", 'ulimit -t "$0"; exec "$@"', str(timeout), *command], stdout=out, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode < 0:
            raise TooLong
        if process.returncode not in (0, 1) or os.fstat(out.fileno()).st_size == 0:
            said.seek(0)
            sys.exit(f"{' '.join(command)} ended with status {process.returncode}:\n{said.read(2000).decode(errors='replace')}")
        return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1000, os.fstat(out.fileno()).st_size / 1e6


def made(data, name, make, size):
    folder = data / f"{name}-{size}"
    if not (folder / ".made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(folder, size)
        (folder / ".made").touch()
    return folder


def size_of(folder):
    return sum(entry.stat().st_size for entry in folder.rglob("*") if entry.is_file())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("data", type=Path)
    parser.add_argument("--beside", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--timeout", type=int, default=300)
    parser.add_argument("cases", nargs="*")
    args = parser.parse_intermixed_args()
    unknown = [case for case in args.cases if case not in CASES]
    if unknown:
        sys.exit(f"found {unknown}, expected of {list(CASES)}")

    print(f"{'case':<24}{'program':<9}{'cpu s':>9}{'growth':>8}{'wall s':>9}{'peak MB':>9}{'report MB':>11}{'MB/s':>9}  allowed", flush=True)
    over, plain_rate = [], {}
    for name in args.cases or CASES:
        make, full, allowed = CASES[name]
        size = max(2, round(full * args.share))
        half, whole = (made(args.data, name, make, part) for part in (size // 2, size))
        megabytes = size_of(whole) / 1e6
        best = {}
        for _ in range(args.rounds):
            for program in [args.binary, *args.beside]:
                if best.get(program) == "long":
                    continue
                try:
                    runs = [timed(program, folder, allowed.get("options", []), args.timeout) for folder in (half, whole)]
                except TooLong:
                    best[program] = "long"
                    continue
                figures = (runs[1][0], runs[0][0], *runs[1][1:])
                best[program] = tuple(map(min, best.get(program, figures), figures))
        for program, figures in best.items():
            label = Path(program).name[:8] if args.beside else ""
            if figures == "long":
                print(f"{name:<24}{label:<9}  more than {args.timeout} s of CPU", flush=True)
                continue
            cpu, before, wall, peak, report = figures
            rate = megabytes / cpu
            if name == "plain":
                plain_rate[program] = rate
            bounds = [
                ("s", cpu, allowed.get("s")),
                ("MB", peak, allowed.get("mb")),
                ("MB of report", report, allowed.get("report_mb")),
                ("s for what should take one", allowed.get("mb_s", 0) / rate, "mb_s" in allowed and 1),
                ("of the plain log's time a byte", plain_rate.get(program, 0) / rate, "rate" in allowed and program in plain_rate and 1 / allowed["rate"]),
            ]
            said = ", ".join(f"{bound:g} {unit}{' OVER' if value > bound else ''}" for unit, value, bound in bounds if bound)
            if args.share >= 1 and program == args.binary:
                over += [f"{name}: {value:.1f} {unit}, {bound:g} allowed" for unit, value, bound in bounds if bound and value > bound]
            print(f"{name:<24}{label:<9}{cpu:>9.2f}{cpu / before:>8.1f}{wall:>9.2f}{peak:>9.0f}{report:>11.2f}{rate:>9.1f}  {said}", flush=True)
    if over:
        sys.exit("\n".join(["beyond what is allowed:", *over]))


main()

#!/usr/bin/env python3
"""Writes the logs of the case folders beside it from docs/sampler-log.md alone: no code is shared with the recorder or the reader.

The energies in the about.toml files are sums that are worked out here in the comments.
"""

import json
import pathlib

HERE = pathlib.Path(__file__).parent
S = 1_000_000
WALL, MONO, BOOT = 1_764_100_000 * S, 5_000 * S, 9_000 * S


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def signed(fields: dict) -> bytes:
    body = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)[:-1].encode()
    return body + b',"crc":"%08x"}\n' % crc32c(body)


def clocks(t, slept=0, moved=0):
    """Seconds since the start on the monotonic clock; seconds slept and seconds by which the wall clock was set so far."""
    us = round(t * S)
    return [WALL + us + (slept + moved) * S, MONO + us, BOOT + us + slept * S]


GPU = {"id": 0, "component": "gpu", "source": "nvml", "uuid": "GPU-6f0f1c52-7c1d-4f0e-9a51-0f2d3c4b5a69", "index": "0",
       "model": "NVIDIA A100-SXM4-80GB", "counter_unit": "mj", "power_unit": "mw"}
POWER_GPU = {k: v for k, v in GPU.items() if k != "counter_unit"}
RANGE = 262_143_328_850
PACKAGE = {"id": 1, "component": "cpu", "source": "powercap", "index": "package-0", "counter_unit": "uj", "counter_range": RANGE}
DRAM = {"id": 2, "component": "memory", "source": "powercap", "index": "package-0/dram", "counter_unit": "uj",
        "counter_range": 65_712_999_613}
CPU_MODEL = {"id": 3, "component": "cpu", "source": "estimate", "model": "AMD EPYC 7763 64-Core Processor", "power_unit": "uw",
             "estimated_by": "280 W TDP x (0.15 + 0.52 x load)"}


class Log:
    def __init__(self, devices, run="00112233aabbccdd", part=0, version="1.0", sequence=0, start=0, host="0123456789abcdef"):
        self.lines, self.sequence = [], sequence
        self.head = {"machine": sequence, "clock_us": clocks(start), "format": "carbon_report_jsonl", "version": version,
                     "tool": "carbon-report 0.1.0", "run": run, "part": part, "started_us": clocks(0), "interval_us": S,
                     "host": host, "boot": "fedcba9876543210", "kernel": "Linux 6.8.0",
                     "cpu": "AMD EPYC 7763 64-Core Processor", "labels": {"model": "demo"},
                     "reading": ["device", "counter", "power", "utilisation_permille", "memory_mib"], "devices": devices}
        self.machine()

    def machine(self):
        self.head["machine"] = self.sequence
        self.lines.append(signed(self.head))
        self.sequence += 1

    def add(self, kind, at, **fields):
        self.lines.append(signed({kind: self.sequence, "clock_us": at, **fields}))
        self.sequence += 1

    def write(self, case, name="run.0000.jsonl", change=lambda lines: lines):
        folder = HERE / case
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"".join(change(self.lines)))


def about(case, trick, **expected):
    def text(value):
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{k} = {v}" for k, v in value.items()) + " }"
        return json.dumps(value)

    lines = ['tool = "carbon-report record"', 'version = "0.1.0"', 'origin = "constructed"', f"trick = {json.dumps(trick)}",
             'licence = "MIT OR Apache-2.0"', 'command = "python3 tests/formats/carbon_report_jsonl/make.py"', "", "[expected]"]
    lines += [f"{key} = {text(value)}" for key, value in expected.items()]
    (HERE / case).mkdir(exist_ok=True)
    (HERE / case / "about.toml").write_text("\n".join(lines) + "\n")


def kwh(joules):
    return f"{joules / 3.6e6:.10g}"


def gpu(t, watts=100, start=7_000_000):
    return [0, start + round(t * watts * 1000), watts * 1000, 990, 40_000]


def normal(log, to, first=0, **how):
    for t in range(first, to + 1):
        log.add("sample", clocks(t, **how), read=[gpu(t), [1, 200_000_000_000 + t * 50 * S], [2, 5_000_000 + t * 5 * S]])


# 10 s of 100 W by the GPU's counter, 50 W by the package's, 5 W by the memory's: 1550 J. The GPU's power says the same and does not count twice.
log = Log([GPU, PACKAGE, DRAM])
normal(log, 4)
log.add("mark", clocks(4.5), text="epoch 1 done", metrics={"loss": 0.25, "accuracy": 0.875})
normal(log, 10, first=5)
log.add("share", clocks(10), ppm=[[0, 1_000_000], [1, 250_000]])
log.add("end", clocks(10.1), status="0", ticks=11, own_cpu_us=900, own_memory_bytes=9_000_000)
log.write("normal")
about("normal", "GPU counter and power, package and memory counters, a mark, a share, an end", energy_kwh=kwh(1550), devices=3, rows_used=11)

# The recorder died in the middle of second 3, in a write; second 3's record was written anew on a line of its own: nothing is lost.
log.write("torn-tail-continued", change=lambda ls: ls[:4] + [ls[4][:40] + b"\n"] + ls[4:])
about("torn-tail-continued", "a torn line in the middle, the record again on a new line", energy_kwh=kwh(1550), rows_used=11,
      rows_skipped={"torn": 1}, notes=["records-damaged"])

# Cut in the record of second 10: the counters reach second 9: 1395 J.
log.write("cut", change=lambda ls: ls[:12] + [ls[12][:-20]])
about("cut", "the last line is cut inside a record", energy_kwh=kwh(1395), rows_used=10, rows_skipped={"last_line_cut": 1},
      notes=["last-line-cut"])

# A last line without an end is whole by its checksum: all 1550 J.
log.write("no-last-line-end", change=lambda ls: ls[:12] + [ls[12][:-1]])
about("no-last-line-end", "the last line has no end, its checksum says that it is whole", energy_kwh=kwh(1550), rows_used=11)

# One digit of second 5's GPU counter changed: its record is left out, the counters bridge it.
log.write("bad-checksum", change=lambda ls: ls[:7] + [ls[7].replace(b"[0,7500000", b"[0,9500000")] + ls[8:])
about("bad-checksum", "a digit of a counter changed", energy_kwh=kwh(1550), rows_used=10, rows_skipped={"torn": 1}, notes=["records-damaged"])

# Records 3 to 5 (seconds 3 and 4 and the mark) are gone: the counters bridge them.
log.write("lost-records", change=lambda ls: ls[:4] + ls[7:])
about("lost-records", "three records are missing", energy_kwh=kwh(1550), rows_used=9, notes=["records-lost"])

# The first record is damaged; it is there again before second 3: 7 s of 155 W.
damaged = Log([GPU, PACKAGE, DRAM])
normal(damaged, 2)
damaged.machine()
normal(damaged, 10, first=3)
damaged.write("damaged-first", change=lambda ls: [ls[0].replace(b"nvml", b"nvmI")] + ls[1:])
about("damaged-first", "the first record is damaged and repeated later", energy_kwh=kwh(7 * 155), rows_used=8,
      rows_skipped={"torn": 1, "unknown": 3}, notes=["records-damaged"])

# One run in three files: seconds 0-4, 5-7, 8-10.
first, second, third = Log([GPU, PACKAGE, DRAM]), None, None
normal(first, 4)
second = Log([GPU, PACKAGE, DRAM], part=1, sequence=first.sequence, start=5)
normal(second, 7, first=5)
third = Log([GPU, PACKAGE, DRAM], part=2, sequence=second.sequence, start=8)
normal(third, 10, first=8)
for part, file in enumerate([first, second, third]):
    file.write("numbered-files", f"run.{part:04}.jsonl")
about("numbered-files", "one run in three files: the time between them counts", energy_kwh=kwh(1550), devices=3, rows_used=11)

# The second file was begun when the disk had room again: records that had waited follow its head, which has the later number.
first = Log([GPU, PACKAGE, DRAM])
normal(first, 4)
second = Log([GPU, PACKAGE, DRAM], part=1, sequence=first.sequence + 3, start=8)
second.sequence = first.sequence
normal(second, 7, first=5)
second.sequence += 1
normal(second, 10, first=8)
for part, file in enumerate([first, second]):
    file.write("waited-for-the-disk", f"run.{part:04}.jsonl")
about("waited-for-the-disk", "the head of a file runs ahead of records that waited for the disk", energy_kwh=kwh(1550), devices=3, rows_used=11)

# The package's counter passes its range between seconds 5 and 6: 50 W throughout, 500 J. The GPU's driver is loaded anew between 5 and 6 and counts from 0:
# 5 s and 4 s of 100 W, 900 J; the second of the reset is not known.
log = Log([GPU, PACKAGE])
for t in range(11):
    package = (RANGE - 275 * S + t * 50 * S) % RANGE
    log.add("sample", clocks(t), read=[[0, 7_000_000 + t * 100_000 if t <= 5 else (t - 6) * 100_000], [1, package]])
log.write("wrap-and-reset")
about("wrap-and-reset", "a package's counter wraps, a GPU's starts again", energy_kwh=kwh(1400), devices=2,
      notes=["counter-wrap", "counter-reset"])

# Power alone, 200 W: 5 s, then 8 h asleep, then 5 s: 2000 J. Asleep, the package's counter started again: 5 s and 5 s of 50 W, 500 J.
log = Log([POWER_GPU, PACKAGE])
for t in range(12):
    slept = 0 if t <= 5 else 28_800
    if t == 6:
        log.add("gap", clocks(6, slept), cause="suspend", from_us=clocks(5), to_us=clocks(6, slept))
    log.add("sample", clocks(t, slept), read=[[0, None, 200_000], [1, 3 * S + t * 50 * S if t <= 5 else (t - 6) * 50 * S]])
log.write("suspend")
about("suspend", "eight hours asleep: neither power nor a counter that may have started again bridges them", energy_kwh=kwh(2500), devices=2,
      notes=["sampling-gap"])

# The wall clock is set an hour back after second 5: 10 s of 200 W, 2000 J, no step.
log = Log([POWER_GPU])
for t in range(11):
    moved = 0 if t <= 5 else -3600
    if t == 6:
        log.add("gap", clocks(6, moved=moved), cause="clock_set", from_us=clocks(5), to_us=clocks(6, moved=moved))
    log.add("sample", clocks(t, moved=moved), read=[[0, None, 200_000]])
log.write("clock-set")
about("clock-set", "the wall clock is set back by an hour in the middle", energy_kwh=kwh(2000), devices=1, rows_used=11, notes=["clock-set"])

# Power alone, 200 W. Lost from second 3 to second 6 (the first reading again): 3 s and 4 s are covered, 1400 J. A GPU that hangs for 2 s at 200 W: 8 s.
other = {**POWER_GPU, "id": 1, "index": "1", "uuid": "GPU-0a1b2c3d-0000-4000-8000-000000000001"}
log = Log([POWER_GPU, other])
log.add("gap", clocks(0), cause="permission", component="cpu", detail="energy_uj of package-0 can't be read: permission denied")
log.add("gap", clocks(0), cause="absent", component="memory", detail="no powercap zone of memory")
for t in range(11):
    read = []
    if t == 4:
        log.add("gap", clocks(t), cause="lost_device", device=0, from_us=clocks(3), detail="NVML: GPU is lost")
    if t == 6:
        log.add("gap", clocks(t), cause="lost_device", device=0, from_us=clocks(3), to_us=clocks(6), detail="NVML: GPU is lost")
    if t == 8:
        log.add("gap", clocks(t), cause="hang", device=1, from_us=clocks(6), to_us=clocks(8), detail="NVML did not answer for 1.5 s")
    if t <= 3 or t >= 6:
        read.append([0, None, 200_000])
    if t != 7:
        read.append([1, None, 200_000])
    log.add("sample", clocks(t), read=read)
log.add("gap", clocks(11), cause="hang", device=1, from_us=clocks(10), detail="NVML did not answer for 2 s")
log.write("gaps")
about("gaps", "a GPU is lost and back, another hangs for less time than the gap rule knows, the kernel shows no CPU",
      energy_kwh=kwh(1400 + 1600), devices=2, notes=["sampling-gap", "permission-denied", "sensor-absent"])

# The counter never moves: its power counts, 10 s of 100 W.
log = Log([GPU])
for t in range(11):
    log.add("sample", clocks(t), read=[[0, 123_456, 100_000]])
log.write("frozen-counter")
about("frozen-counter", "an NVML counter that never moves", energy_kwh=kwh(1000), devices=1, notes=["counter-frozen"])

# Over 61 s the counter says 57 W and the power 100 W: the counter counts, 3477 J.
log = Log([GPU])
for t in range(62):
    log.add("sample", clocks(t), read=[[0, 1_000 + t * 57_000, 100_000]])
log.write("counter-differs")
about("counter-differs", "an NVML counter that is far from the integrated power", energy_kwh=kwh(3477), devices=1, notes=["counter-differs"])

# No sensor of the CPU: 10 s of 42 W by a model.
log = Log([GPU, CPU_MODEL])
log.add("gap", clocks(0), cause="permission", component="cpu", detail="energy_uj of package-0 can't be read: permission denied")
for t in range(11):
    log.add("sample", clocks(t), read=[gpu(t), [3, None, 42_000_000, 0]])
log.write("estimated")
about("estimated", "a CPU by a model of its load", energy_kwh=kwh(1000 + 420), devices=2, notes=["permission-denied", "estimated-component"])

# A device that comes late is described when it comes: GPU 10 s of 100 W, package from second 4 on 6 s of 50 W.
log = Log([GPU])
for t in range(11):
    if t == 4:
        log.add("device", clocks(t), entry=PACKAGE)
    log.add("sample", clocks(t), read=[gpu(t)] + ([[1, t * 50 * S]] if t >= 4 else []))
log.write("late-device")
about("late-device", "a device that comes late", energy_kwh=kwh(1000 + 300), devices=2, rows_used=11)

# Version 1.7: unknown keys, kinds and further numbers.
log = Log([{**GPU, "colour": "green"}], version="1.7")
log.head["weather"] = {"temperature_c": [1, 2]}
log.lines[0] = signed(log.head)
log.add("weather", clocks(0), sunny=True)
for t in range(11):
    log.add("sample", clocks(t), read=[gpu(t) + [17, {"new": 1}]], more=1)
log.write("newer-minor")
about("newer-minor", "a newer minor version: what is not known is ignored", energy_kwh=kwh(1000), devices=1, rows_used=11)

log = Log([{"id": "zero", "what": "gpu"}], version="2.0")
log.add("sample", clocks(0), read="something else")
log.write("newer-major")
about("newer-major", "a newer major version", refused="format-refused", no_energy=True)

# Two recorders at once on one machine: 155 W once. The second starts half a second later and ends half a second later: 10.5 s.
log, late = Log([GPU, PACKAGE, DRAM]), Log([GPU, PACKAGE, DRAM], run="ffeeddccbbaa0099")
normal(log, 10)
for t in range(11):
    t += 0.5
    late.add("sample", clocks(t), read=[gpu(t), [1, 200_000_000_000 + round(t * 50 * S)], [2, 5_000_000 + round(t * 5 * S)]])
log.write("two-recorders", "one.0000.jsonl")
late.write("two-recorders", "two.0000.jsonl")
about("two-recorders", "two recorders of one machine at once: overlapping counters count once", energy_kwh=kwh(1550), devices=3,
      notes=["overlap-unresolved"])

# Two machines: twice the package, though both call it package-0.
one = Log([PACKAGE])
two = Log([PACKAGE], run="ffeeddccbbaa0099", host="89abcdef01234567")
for log in (one, two):
    for t in range(11):
        log.add("sample", clocks(t), read=[[1, t * 50 * S]])
one.write("two-machines", "one.0000.jsonl")
two.write("two-machines", "two.0000.jsonl")
about("two-machines", "two machines whose devices have the same names", energy_kwh=kwh(1000), devices=2)

folder = HERE / "foreign"
folder.mkdir(exist_ok=True)
(folder / "events.jsonl").write_text('{"sample":1,"clock_us":[1,2,3],"loss":0.5}\n{"machine":"node1","format":"jsonl","crc":"00000000"}\n')
about("foreign", "JSON lines of something else with keys alike", recognised=False)

"""Writes the logs of this folder: made up, to show how an nvidia-smi log and a CodeCarbon file of one run are put together.

Two GPUs, 45 minutes, a sample every ten seconds; the logger hangs for four minutes. CodeCarbon watched the same node: its GPU figure is the same joules.
"""

import datetime
import math
import random

random.seed(7)
start = datetime.datetime(2025, 6, 12, 14, 3, 21, 117000)
uuids = ["GPU-3f1b6a1e-0001-4c1d-9d11-5a5a00000001", "GPU-3f1b6a1e-0002-4c1d-9d11-5a5a00000002"]
with open("logs/gpu.csv", "w") as log:
    log.write("timestamp, index, uuid, name, power.draw [W], utilization.gpu [%]\n")
    for tick in range(270):
        if 120 <= tick < 144:
            continue
        for index, uuid in enumerate(uuids):
            at = start + datetime.timedelta(seconds=10 * tick, milliseconds=3 * index + random.randrange(20))
            ramp = min(1.0, tick / 12) * (0.2 if tick > 262 else 1.0)
            watts = 62 + ramp * (310 + 25 * math.sin(tick / 9 + index) + random.gauss(0, 6))
            log.write(f"{at:%Y/%m/%d %H:%M:%S}.{at.microsecond // 1000:03d}, {index}, {uuid}, NVIDIA A100-SXM4-40GB, {watts:.2f} W, {int(100 * ramp)} %\n")

columns = (
    "timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,"
    "energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,"
    "gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue"
)
end = start + datetime.timedelta(seconds=2690)
energies = {"cpu": 0.0934, "gpu": 0.5391, "ram": 0.0141}
total = sum(energies.values())
row = [
    f"{end:%Y-%m-%dT%H:%M:%S}", "gpu-node", "0f5c2f8e-7d0c-4c43-9d57-2b6b0a0c1d11", "5b0fa12a-3dd7-45bb-9766-cc326314d9f1", "2690.2", f"{total * 0.056:.9f}",
    f"{total * 0.056 / 2690.2:.3e}", "125.0", "721.4", "18.9", energies["cpu"], energies["gpu"], energies["ram"], f"{total:.4f}", "France", "FRA", "", "", "",
    "Linux-6.1.0-generic", "3.11.7", "2.8.4", "64", "AMD EPYC 7543 32-Core Processor", "2", "2 x NVIDIA A100-SXM4-40GB", "", "", "503.7", "machine", "N", "1.0",
]
with open("logs/emissions.csv", "w") as csv:
    csv.write(columns + "\n" + ",".join(str(cell) for cell in row) + "\n")

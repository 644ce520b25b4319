//! Samplers of AMD's and Intel's GPUs.

use super::row;
use crate::read::Format;
use crate::read::layout::{Layout, LineDoes, LineRow, MeterRow, Names, Only, Shape, Syntax, TableShape, TimeField, TimeKind, TreeShape};
use crate::series::{Component, Instrument};

const STAMP_LINES: TimeField = TimeField { fields: &[], kind: TimeKind::Lines };

const NO_NAMES: Names = Layout::of(Shape::Table(TableShape::PLAIN)).names;

/// `rocm-smi --csv`, printed again and again: the caption changed with ROCm 6. The second die of an MI250 says so in place of a reading: the first reads the
/// module. `Max Graphics Package Power` is a limit.
pub(super) static ROCM_SMI_CSV: Format = row(
    "rocm_smi_csv",
    "rocm-smi --csv",
    "while date; do rocm-smi --showpower --csv; sleep 1; done > power.csv",
    Layout {
        signature: &["device", "* graphics package power"],
        tool: Some("rocm-smi"),
        time: &[STAMP_LINES],
        names: Names { index: &["device"], ..NO_NAMES },
        meters: &[MeterRow::watts(
            &["average graphics package power", "current socket graphics package power", "current graphics package power"],
            Component::Gpu,
            Instrument::GpuPower,
        )],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// `rocm-smi --json`: a document a call, cards by name, values as text.
pub(super) static ROCM_SMI_JSON: Format = row(
    "rocm_smi_json",
    "rocm-smi --json",
    "while date; do rocm-smi --showpower --json; sleep 1; done > power.jsonl",
    Layout {
        signature: &["\"card", "Graphics Package Power (W)\""],
        tool: Some("rocm-smi"),
        time: &[STAMP_LINES],
        meters: &[MeterRow::watts(
            &[
                "card{n}.average graphics package power (w)",
                "card{n}.current socket graphics package power (w)",
                "card{n}.current graphics package power (w)",
            ],
            Component::Gpu,
            Instrument::GpuPower,
        )],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None }))
    },
);

/// `rocm-smi` without `--csv` or `--json`: a line a reading, or the short table (`Concise Info`), whose first watts are the draw and whose last the limit.
pub(super) static ROCM_SMI_TEXT: Format = row(
    "rocm_smi_text",
    "rocm-smi",
    "while date; do rocm-smi --showpower; sleep 1; done > power.txt",
    Layout {
        signature: &["ROCm System Management Interface"],
        tool: Some("rocm-smi"),
        time: &[STAMP_LINES],
        names: Names { index: &["gpu"], ..NO_NAMES },
        meters: &[MeterRow::watts(&["power"], Component::Gpu, Instrument::GpuPower)],
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "GPU[{gpu}] : Average Graphics Package Power (W): {power}", does: LineDoes::Ends },
            LineRow { template: "GPU[{gpu}] : Current Socket Graphics Package Power (W): {power}", does: LineDoes::Ends },
            LineRow { template: "GPU[{gpu}] : Current Graphics Package Power (W): {power}", does: LineDoes::Ends },
            LineRow { template: "{gpu} {}°C {power} *", does: LineDoes::Ends },
            LineRow { template: "{gpu} {}c {power} *", does: LineDoes::Ends },
        ]))
    },
);

/// `amd-smi metric --json`, with or without `-w`: arrays one after the other; values are objects with a unit, or text. The counter is the board's.
pub(super) static AMD_SMI_JSON: Format = row(
    "amd_smi_json",
    "amd-smi metric --json",
    "amd-smi metric -p -E -w 1 --json > power.json",
    Layout {
        signature: &["\"gpu\"", "\"power\"", "socket_power\""],
        tool: Some("amd-smi"),
        time: &[TimeField { fields: &["timestamp"], kind: TimeKind::Stamp }, STAMP_LINES],
        names: Names { index: &["gpu"], ..NO_NAMES },
        meters: &[
            MeterRow::counter_joules(
                &["energy.total_energy_consumption.value", "energy.total_energy_consumption"],
                Component::Gpu,
                Instrument::GpuCounter,
            ),
            MeterRow::watts(
                &[
                    "power.socket_power.value",
                    "power.current_socket_power.value",
                    "power.average_socket_power.value",
                    "power.socket_power",
                    "power.current_socket_power",
                    "power.average_socket_power",
                ],
                Component::Gpu,
                Instrument::GpuPower,
            ),
        ],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &["{n}", "gpu_data.{n}"], renamed: None }))
    },
);

/// `amd-smi metric --csv`, with or without `-w`: keys of the JSON form as columns, values without a unit.
pub(super) static AMD_SMI_CSV: Format = row(
    "amd_smi_csv",
    "amd-smi metric --csv",
    "amd-smi metric -p -E -w 1 --csv > power.csv",
    Layout {
        signature: &["gpu", "socket_power|current_socket_power|average_socket_power"],
        tool: Some("amd-smi"),
        time: &[TimeField { fields: &["timestamp"], kind: TimeKind::Stamp }, STAMP_LINES],
        names: Names { index: &["gpu"], ..NO_NAMES },
        meters: &[
            MeterRow::counter_joules(&["total_energy_consumption"], Component::Gpu, Instrument::GpuCounter),
            MeterRow::watts(&["socket_power", "current_socket_power", "average_socket_power"], Component::Gpu, Instrument::GpuPower),
        ],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// `amd-smi monitor --csv`: whole seconds and whole watts. A column of that name is anything in a table that holds others than amd-smi's.
pub(super) static AMD_SMI_MONITOR: Format = row(
    "amd_smi_monitor_csv",
    "amd-smi monitor --csv",
    "amd-smi monitor -p -w 1 --csv > power.csv",
    Layout {
        signature: &["gpu", "power_usage"],
        beside: &[
            "*temperature|hotspot|edge|mem|gfx|*_clk|*_clock|vclock|vclk|dclk",
            "xcp|max_power|*_util|enc*|dec*|vram_*|pcie_*|*_ecc|*_errors|process_list|energy_usage",
        ],
        tool: Some("amd-smi"),
        time: &[TimeField { fields: &["timestamp"], kind: TimeKind::Stamp }, STAMP_LINES],
        names: Names { index: &["gpu"], ..NO_NAMES },
        meters: &[MeterRow::watts(&["power_usage"], Component::Gpu, Instrument::GpuPower)],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// `xpu-smi dump`: times of day, or stamps with `--date`. Rows of tiles, where there are any, repeat what the device's own row (without a tile) holds. The
/// counter is the device's.
pub(super) static XPU_SMI_DUMP: Format = row(
    "xpu_smi_dump",
    "xpu-smi dump",
    "xpu-smi dump -d -1 -m 1,8 -i 1 > power.csv",
    Layout {
        signature: &["timestamp", "deviceid"],
        tool: Some("xpu-smi"),
        time: &[
            TimeField { fields: &["timestamp"], kind: TimeKind::Stamp },
            TimeField { fields: &["timestamp"], kind: TimeKind::TimeOfDay },
        ],
        names: Names { index: &["deviceid"], ..NO_NAMES },
        meters: &[
            MeterRow::counter_joules(&["gpu energy consumed"], Component::Gpu, Instrument::GpuCounter),
            MeterRow::watts(&["gpu power"], Component::Gpu, Instrument::GpuPower),
        ],
        only: &[Only { field: "tileid", is: &["", "n/a"] }],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// `intel_gpu_top -J`: objects, or an array that never ends; the length of each period, in ms, is the only clock. The package holds the GPU.
pub(super) static INTEL_GPU_TOP: Format = row(
    "intel_gpu_top_json",
    "intel_gpu_top -J",
    "sudo intel_gpu_top -J -s 1000 -o power.json",
    Layout {
        signature: &["\"period\"", "\"duration\"", "\"rc6\""],
        tool: Some("intel_gpu_top"),
        time: &[TimeField { fields: &["period.duration"], kind: TimeKind::Duration(3) }],
        meters: INTEL_GPU_TOP_METERS,
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &["", "{n}"], renamed: None }))
    },
);

/// `amdgpu_top -J`: an object a line, with the milliseconds since it began under `period`. What an APU draws is of its processor as well.
pub(super) static AMDGPU_TOP: Format = row(
    "amdgpu_top_json",
    "amdgpu_top -J",
    "amdgpu_top -J -s 1000 > power.json",
    Layout {
        signature: &["\"period\"", "\"GRBM\"", "\"Sensors\""],
        tool: Some("amdgpu_top"),
        time: &[TimeField { fields: &["period.duration"], kind: TimeKind::Elapsed(3) }],
        names: Names { bus_id: &["info.pci"], model: &["info.devicename"], ..NO_NAMES },
        meters: &[
            MeterRow::watts(AMDGPU_TOP_POWER, Component::Cpu, Instrument::Hwmon).having(&[Only { field: "info.gpu type", is: &["apu"] }]),
            MeterRow::watts(AMDGPU_TOP_POWER, Component::Gpu, Instrument::GpuPower).only(&[Only { field: "info.gpu type", is: &["dgpu"] }]),
        ],
        behind: Some(""),
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &["devices.*"], renamed: None }))
    },
);

const AMDGPU_TOP_POWER: &[&str] = &["sensors.average power.value", "sensors.input power.value", "sensors.gfx power.value"];

const INTEL_GPU_TOP_METERS: &[MeterRow] = &[
    MeterRow::mean_watts(&["power.package", "pkg", "power w pkg"], Component::Cpu, Instrument::Rapl),
    MeterRow::mean_watts(&["power.gpu", "gpu", "power w gpu"], Component::CpuUncore, Instrument::Rapl),
];

/// `intel_gpu_top -l`: two lines of header, of which the lower one names the cells; no clock.
pub(super) static INTEL_GPU_TOP_LIST: Format = row(
    "intel_gpu_top_list",
    "intel_gpu_top -l",
    "sudo intel_gpu_top -l -s 1000 > power.txt   (read with `--interval 1s`)",
    Layout {
        signature: &["req", "act", "gpu", "pkg"],
        tool: Some("intel_gpu_top"),
        time: &[STAMP_LINES],
        meters: INTEL_GPU_TOP_METERS,
        ..Layout::of(Shape::Table(TableShape { structure: &["Freq"], ..TableShape::PLAIN }))
    },
);

/// `intel_gpu_top -c`: the same as CSV.
pub(super) static INTEL_GPU_TOP_CSV: Format = row(
    "intel_gpu_top_csv",
    "intel_gpu_top -c",
    "sudo intel_gpu_top -c -s 1000 > power.csv   (read with `--interval 1s`)",
    Layout {
        signature: &["freq mhz req", "power w *"],
        tool: Some("intel_gpu_top"),
        time: &[STAMP_LINES],
        meters: INTEL_GPU_TOP_METERS,
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

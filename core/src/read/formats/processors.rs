//! Samplers of processors.

use super::row;
use crate::read::Format;
use crate::read::layout::{Layout, LineDoes, LineRow, MeterRow, Only, Shape, TableShape, TimeField, TimeKind};
use crate::series::{Component, Instrument};

/// `turbostat`: means of the interval that ends at the row, or its joules; the summary row (`-`) holds what rows of processors repeat. Since 2024 the text above the
/// table states the interval. What platforms hold beside packages is vendor-defined.
pub(super) static TURBOSTAT: Format = row(
    "turbostat",
    "turbostat",
    "turbostat --quiet --Summary --enable Time_Of_Day_Seconds --show Time_Of_Day_Seconds,PkgWatt,RAMWatt --interval 1 --out turbostat.tsv",
    Layout {
        signature: &["pkgwatt|pkg_j"],
        tool: Some("turbostat"),
        time: &[TimeField { fields: &["time_of_day_seconds"], kind: TimeKind::Stamp }, TimeField { fields: &[], kind: TimeKind::Lines }],
        meters: &[
            MeterRow::mean_watts(&["pkgwatt"], Component::Cpu, Instrument::Rapl),
            MeterRow::mean_watts(&["ramwatt"], Component::Memory, Instrument::Rapl),
            MeterRow::mean_watts(&["corwatt"], Component::CpuCore, Instrument::Rapl),
            MeterRow::mean_watts(&["gfxwatt"], Component::CpuUncore, Instrument::Rapl),
            MeterRow::mean_watts(&["syswatt"], Component::Platform, Instrument::Rapl),
            MeterRow::interval_joules(&["pkg_j"], Component::Cpu, Instrument::Rapl),
            MeterRow::interval_joules(&["ram_j"], Component::Memory, Instrument::Rapl),
            MeterRow::interval_joules(&["cor_j"], Component::CpuCore, Instrument::Rapl),
            MeterRow::interval_joules(&["gfx_j"], Component::CpuUncore, Instrument::Rapl),
            MeterRow::interval_joules(&["sys_j"], Component::Platform, Instrument::Rapl),
        ],
        only: &[Only { field: "cpu", is: &["-"] }, Only { field: "core", is: &["-"] }, Only { field: "package", is: &["-"] }],
        ..Layout::of(Shape::Table(TableShape {
            preamble: true,
            states_interval: Some("Measurement interval: {seconds} seconds"),
            ..TableShape::PLAIN
        }))
    },
);

/// Intel Power Gadget: times of day with a colon before the milliseconds, and the seconds since its start. Energies add up from that start, so that the first
/// one counts. Cores (IA) and graphics (GT) are inside of the processor, memory is beside it. A summary in words stands below the table.
pub(super) static POWER_GADGET: Format = row(
    "intel_power_gadget",
    "Intel Power Gadget",
    "PowerLog3.0.exe -duration 3600 -resolution 1000 -file power.csv",
    Layout {
        signature: &["rdtsc", "elapsed time"],
        tool: Some("Intel Power Gadget"),
        time: &[TimeField { fields: &["elapsed time"], kind: TimeKind::Elapsed(0) }],
        meters: &[
            MeterRow::counter_joules(&["cumulative processor energy_{n}"], Component::Cpu, Instrument::Rapl),
            MeterRow::counter_joules(&["cumulative ia energy_{n}"], Component::CpuCore, Instrument::Rapl),
            MeterRow::counter_joules(&["cumulative gt energy_{n}"], Component::CpuUncore, Instrument::Rapl),
            MeterRow::counter_joules(&["cumulative dram energy_{n}"], Component::Memory, Instrument::Rapl),
        ],
        counts_from_zero: true,
        ..Layout::of(Shape::Table(TableShape {
            structure: &["Total Elapsed", "Measured RDTSC", "Cumulative", "Average"],
            ..TableShape::PLAIN
        }))
    },
);

/// Intel's PCM: a header of two lines; joules of the time since the row before, by socket. The system's are their sum.
pub(super) static PCM: Format = row(
    "pcm_csv",
    "PCM",
    "sudo pcm 1 -csv=power.csv",
    Layout {
        signature: &["* / date", "* / time", "proc energy / *"],
        tool: Some("pcm"),
        time: PCM_TIME,
        meters: &[
            MeterRow::interval_joules(&["proc energy / skt{n}"], Component::Cpu, Instrument::Rapl),
            MeterRow::interval_joules(&["dram energy / skt{n}"], Component::Memory, Instrument::Rapl),
        ],
        ..Layout::of(Shape::Table(TableShape { header_lines: 2, ..TableShape::PLAIN }))
    },
);

/// The same without sockets (`-ns`): the system's sums are all there is.
pub(super) static PCM_SYSTEM: Format = row(
    "pcm_csv_system",
    "PCM, system alone",
    "sudo pcm 1 -ns -nc -csv=power.csv",
    Layout {
        signature: &["* / date", "* / time", "system / proc energy"],
        foreign: &["proc energy / *"],
        tool: Some("pcm"),
        time: PCM_TIME,
        meters: &[
            MeterRow::interval_joules(&["system / proc energy"], Component::Cpu, Instrument::Rapl),
            MeterRow::interval_joules(&["system / dram energy"], Component::Memory, Instrument::Rapl),
        ],
        ..Layout::of(Shape::Table(TableShape { header_lines: 2, ..TableShape::PLAIN }))
    },
);

const PCM_TIME: &[TimeField] = &[TimeField { fields: &["* / date", "* / time"], kind: TimeKind::Stamp }];

/// AMD uProf's timechart: watts at times of day, below lines about the machine, which hold the date. Cores are inside of their package.
pub(super) static UPROF: Format = row(
    "amd_uprof_timechart",
    "AMD uProf timechart",
    "AMDuProfCLI timechart --event power --interval 1000 -o power",
    Layout {
        signature: &["recordid", "timestamp"],
        tool: Some("AMD uProf"),
        time: &[TimeField { fields: &["timestamp"], kind: TimeKind::TimeOfDay }],
        meters: &[
            MeterRow::watts(&["socket{n}-package-power"], Component::Cpu, Instrument::Rapl),
            MeterRow::watts(&["core{n}-power"], Component::CpuCore, Instrument::Rapl),
        ],
        ..Layout::of(Shape::Table(TableShape {
            preamble: true,
            states_begin: Some("Profile Start Time:,{month}-{day}-{year}_{hour}-{minute}-{second}"),
            ..TableShape::PLAIN
        }))
    },
);

/// `s-tui --csv`: names of columns hold a comma; cores are inside of their package. The tool does not know that counters wrap.
pub(super) static S_TUI: Format = row(
    "s_tui_csv",
    "s-tui",
    "s-tui --csv --csv-file power.csv",
    Layout {
        signature: &["time", "power:*", "util:avg"],
        tool: Some("s-tui"),
        time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }],
        meters: &[
            MeterRow::watts(&["power:package-{n},*"], Component::Cpu, Instrument::Rapl),
            MeterRow::watts(&["power:core,{n}"], Component::CpuCore, Instrument::Rapl),
            MeterRow::watts(&["power:uncore,{n}"], Component::CpuUncore, Instrument::Rapl),
            MeterRow::watts(&["power:dram,{n}"], Component::Memory, Instrument::Rapl),
            MeterRow::watts(&["power:psys,{n}"], Component::Platform, Instrument::Rapl),
        ],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// `powerstat`: times of day; rows below a rule are statistics. Only the last line says whether RAPL was read or the battery.
pub(super) static POWERSTAT: Format = row(
    "powerstat",
    "powerstat",
    "sudo powerstat -R -n -d 0 1 3600 > power.txt",
    Layout {
        signature: &["time", "user", "nice", "watts"],
        tool: Some("powerstat"),
        time: &[TimeField { fields: &["time"], kind: TimeKind::TimeOfDay }],
        meters: &[MeterRow::watts(&["watts"], Component::Unsplit, Instrument::NotStated)],
        ..Layout::of(Shape::Table(TableShape {
            structure: &[
                "--",
                "Average",
                "GeoMean",
                "StdDev",
                "Minimum",
                "Maximum",
                "Summary",
                "System:",
                "Note:",
                "These readings",
                "Running",
                "Power measurements",
                "C-State",
                "CPU:",
                "GPU:",
                "Total:",
            ],
            ..TableShape::PLAIN
        }))
    },
);

/// `likwid-powermeter`: joules of a run and of each domain of each socket. 0 is a domain that is not there; cores (PP0) are inside of the package, and
/// so is the package in the platform.
pub(super) static LIKWID_POWERMETER: Format = row(
    "likwid_powermeter",
    "likwid-powermeter",
    "likwid-powermeter -s 60s > power.txt",
    Layout {
        signature: &["Runtime: ", "Domain PKG:", "Energy consumed: "],
        tool: Some("likwid-powermeter"),
        time: &[TimeField { fields: &["runtime"], kind: TimeKind::Duration(0) }],
        meters: &[
            MeterRow::interval_joules(&["{n}.pkg.joules"], Component::Cpu, Instrument::Rapl),
            MeterRow::interval_joules(&["{n}.pp0.joules"], Component::CpuCore, Instrument::Rapl),
            MeterRow::interval_joules(&["{n}.pp1.joules"], Component::CpuUncore, Instrument::Rapl),
            MeterRow::interval_joules(&["{n}.dram.joules"], Component::Memory, Instrument::Rapl),
            MeterRow::interval_joules(&["{n}.platform.joules"], Component::Platform, Instrument::Rapl),
        ],
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "Runtime: {runtime} s", does: LineDoes::Begins },
            LineRow { template: "Measure for socket {socket} on CPU *", does: LineDoes::Within(1) },
            LineRow { template: "Domain {domain}:", does: LineDoes::Within(2) },
            LineRow { template: "Energy consumed: {joules} Joules", does: LineDoes::Adds },
        ]))
    },
);

/// `likwid-perfctr -g ENERGY`: joules of a run, of a package on one of its threads: the sum over threads stands in the table of statistics, which there is
/// where there are several. Marked regions may be inside of each other and are not read.
pub(super) static LIKWID_PERFCTR: Format = row(
    "likwid_perfctr",
    "likwid-perfctr, group ENERGY",
    "likwid-perfctr -C 0-63 -g ENERGY ./train > energy.txt",
    Layout {
        signature: &["Group 1: ENERGY", "Runtime (RDTSC) [s]"],
        foreign: &["Region "],
        tool: Some("likwid-perfctr"),
        time: &[TimeField { fields: &["runtime"], kind: TimeKind::Duration(0) }],
        meters: LIKWID_METERS,
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "Group {group}: ENERGY", does: LineDoes::Begins },
            LineRow { template: "| Runtime (RDTSC) [s] | {runtime} |*", does: LineDoes::Adds },
            LineRow { template: "| Energy [J] | {package} |*", does: LineDoes::Adds },
            LineRow { template: "| Energy PP0 [J] | {cores} |*", does: LineDoes::Adds },
            LineRow { template: "| Energy DRAM [J] | {memory} |*", does: LineDoes::Adds },
            LineRow { template: "| Energy [J] STAT | {all} |*", does: LineDoes::Adds },
            LineRow { template: "| Energy PP0 [J] STAT | {all_cores} |*", does: LineDoes::Adds },
            LineRow { template: "| Energy DRAM [J] STAT | {all_memory} |*", does: LineDoes::Adds },
        ]))
    },
);

/// The same with `-O`, as CSV: of one thread, lines may end behind the value; of what both templates of a line take, the later counts.
pub(super) static LIKWID_PERFCTR_CSV: Format = row(
    "likwid_perfctr_csv",
    "likwid-perfctr -O, group ENERGY",
    "likwid-perfctr -C 0-63 -g ENERGY -O ./train > energy.csv",
    Layout {
        signature: &["TABLE,Group 1 Metric,ENERGY", "Runtime (RDTSC) [s],"],
        foreign: &["Region "],
        tool: Some("likwid-perfctr"),
        time: &[TimeField { fields: &["runtime"], kind: TimeKind::Duration(0) }],
        meters: LIKWID_METERS,
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "TABLE,Group {group} Metric,ENERGY*", does: LineDoes::Begins },
            LineRow { template: "Runtime (RDTSC) [s],{runtime}", does: LineDoes::Adds },
            LineRow { template: "Runtime (RDTSC) [s],{runtime},*", does: LineDoes::Adds },
            LineRow { template: "Energy [J],{package}", does: LineDoes::Adds },
            LineRow { template: "Energy [J],{package},*", does: LineDoes::Adds },
            LineRow { template: "Energy PP0 [J],{cores}", does: LineDoes::Adds },
            LineRow { template: "Energy PP0 [J],{cores},*", does: LineDoes::Adds },
            LineRow { template: "Energy DRAM [J],{memory}", does: LineDoes::Adds },
            LineRow { template: "Energy DRAM [J],{memory},*", does: LineDoes::Adds },
            LineRow { template: "Energy [J] STAT,{all},*", does: LineDoes::Adds },
            LineRow { template: "Energy PP0 [J] STAT,{all_cores},*", does: LineDoes::Adds },
            LineRow { template: "Energy DRAM [J] STAT,{all_memory},*", does: LineDoes::Adds },
        ]))
    },
);

const LIKWID_METERS: &[MeterRow] = &[
    MeterRow::interval_joules(&["all", "package"], Component::Cpu, Instrument::Rapl),
    MeterRow::interval_joules(&["all_cores", "cores"], Component::CpuCore, Instrument::Rapl),
    MeterRow::interval_joules(&["all_memory", "memory"], Component::Memory, Instrument::Rapl),
];

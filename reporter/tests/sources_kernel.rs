//! Sensors that the kernel shows, on trees of plain files (RELIABILITY: S8): powercap, hwmon, batteries, and models where there are none.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::time::Duration;

use carbon_core::read::carbon_report_jsonl::record::{Cause, Clocks, Counter, CounterUnit, DeviceId, SampledDevice, Subject};
use carbon_core::series::Component;
use carbon_core::units::{Instant, Span};
use carbon_report::record::source::estimate::Estimate;
use carbon_report::record::source::hwmon::Hwmon;
use carbon_report::record::source::power_supply::Batteries;
use carbon_report::record::source::powercap::Powercap;
use carbon_report::record::source::{Source, SourceOptions, Tick};
use common::Folder;

/// A machine made of files.
struct Machine {
    root: Folder,
    tick: Tick,
    second: i64,
}

fn clocks(second: i64) -> Clocks {
    let span = Span::from_seconds(1000 + second);
    Clocks { wall: Instant::from_micros(1_764_100_000_000_000 + second * 1_000_000), mono: span, boot: Some(span) }
}

impl Machine {
    fn new() -> Self {
        Self { root: Folder::new(), tick: Tick::new(clocks(0), Duration::from_secs(1)), second: 0 }
    }

    fn options(&self) -> SourceOptions {
        SourceOptions { root: self.root.path().into(), ..SourceOptions::default() }
    }

    /// Files are written in place: a reader keeps them open.
    fn write(&self, path: &str, content: &str) -> &Self {
        self.root.write(path, content);
        self
    }

    fn zone(&self, folder: &str, name: &str, energy: u64) -> &Self {
        let at = format!("sys/class/powercap/{folder}");
        self.write(&format!("{at}/name"), &format!("{name}\n"))
            .write(&format!("{at}/max_energy_range_uj"), "262143328850\n")
            .write(&format!("{at}/energy_uj"), &format!("{energy}\n"))
    }

    fn tick(&mut self, source: &mut dyn Source) -> &Tick {
        self.tick_after(1, &mut [source])
    }

    fn tick_after(&mut self, seconds: i64, sources: &mut [&mut dyn Source]) -> &Tick {
        self.second += seconds;
        self.tick.begin(clocks(self.second));
        sources.iter_mut().for_each(|source| source.sample(&mut self.tick));
        &self.tick
    }
}

fn device(tick: &Tick, id: DeviceId) -> &SampledDevice {
    &tick.devices()[id.0 as usize].device
}

/// `CPU package-0 = 123` for each counter.
fn counters(tick: &Tick) -> Vec<(Component, String, u64)> {
    let mut all: Vec<_> = tick
        .readings()
        .iter()
        .filter_map(|r| Some((device(tick, r.device).component, device(tick, r.device).index.clone().unwrap_or_default(), r.counter?)))
        .collect();
    all.sort();
    all
}

fn gaps(tick: &Tick) -> Vec<(Subject, Cause, bool)> {
    tick.gaps().iter().map(|gap| (gap.of, gap.cause.clone(), gap.to.is_some())).collect()
}

#[test]
fn zones_are_what_their_names_and_folders_say() {
    let mut machine = Machine::new();
    machine.zone("intel-rapl:0", "package-0", 10).zone("intel-rapl:0:0", "core", 5).zone("intel-rapl:0:1", "uncore", 1);
    machine.zone("intel-rapl:0:2", "dram", 3).zone("intel-rapl:1", "psys", 30);
    // The control type itself, the same package by another register, and something that is no RAPL.
    machine.zone("intel-rapl", "", 0).zone("intel-rapl-mmio:0", "package-0", 10).zone("dtpm:0", "package-9", 7);
    let mut source = Powercap::new(&machine.options());
    let tick = machine.tick(&mut source);
    let named = |component, index: &str, value| (component, String::from(index), value);
    assert_eq!(
        counters(tick),
        [
            named(Component::Cpu, "package-0", 10),
            named(Component::CpuCore, "package-0", 5),
            named(Component::CpuUncore, "package-0", 1),
            named(Component::Memory, "package-0", 3),
            named(Component::Platform, "psys", 30),
        ]
    );
    let counter = Counter { unit: CounterUnit::Microjoule, range: Some(262_143_328_850) };
    assert!(tick.devices().iter().all(|entry| entry.device.counter == Some(counter)));
    assert!(tick.gaps().is_empty());
}

#[test]
fn sixteen_packages_and_two_of_one_name() {
    let mut machine = Machine::new();
    for package in 0..16 {
        machine.zone(&format!("intel-rapl:{package}"), &format!("package-{package}"), 100 + package);
        machine.zone(&format!("intel-rapl:{package}:0"), "dram", 10 + package);
    }
    machine.zone("intel-rapl:16", "package-1-die-1", 7).zone("intel-rapl:17", "package-3", 8);
    let mut source = Powercap::new(&machine.options());
    let found = counters(machine.tick(&mut source));
    let packages: Vec<_> =
        found.iter().filter(|(component, ..)| *component == Component::Cpu).map(|(_, index, _)| index.as_str()).collect();
    assert_eq!((packages.len(), found.len()), (18, 34));
    for index in ["package-15", "package-1-die-1", "package-3 (intel-rapl:3)", "package-3 (intel-rapl:17)"] {
        assert!(packages.contains(&index), "{index}: {packages:?}");
    }
}

#[test]
fn zones_come_and_go() {
    let mut machine = Machine::new();
    machine.zone("intel-rapl:0", "package-0", 10).zone("intel-rapl:1", "package-1", 20);
    let mut source = Powercap::new(&machine.options());
    assert_eq!(machine.tick(&mut source).readings().len(), 2);
    // What is read is what the file says now.
    machine.zone("intel-rapl:0", "package-0", 11);
    assert_eq!(counters(machine.tick(&mut source))[0].2, 11);
    // A zone whose counter no longer answers; then another that is plugged in.
    machine.write("sys/class/powercap/intel-rapl:1/energy_uj", "");
    let tick = machine.tick(&mut source);
    assert_eq!((tick.readings().len(), gaps(tick)), (1, [(Subject::Device(DeviceId(1)), Cause::LostDevice, false)].to_vec()));
    fs::remove_dir_all(machine.root.path().join("sys/class/powercap/intel-rapl:1")).expect("unplugged");
    assert_eq!(machine.tick(&mut source).readings().len(), 1);
    machine.zone("intel-rapl:1", "package-1", 5).zone("intel-rapl:2", "package-2", 1);
    let tick = machine.tick_after(10, &mut [&mut source]);
    assert_eq!((tick.readings().len(), gaps(tick)), (3, [(Subject::Device(DeviceId(1)), Cause::LostDevice, true)].to_vec()));
}

#[test]
fn why_there_are_none() {
    for (file, content, words) in [
        ("proc/cpuinfo", "flags\t\t: fpu hypervisor\n", "virtual machine"),
        (".dockerenv", "", "--host-root"),
        ("proc/cpuinfo", "flags\t\t: fpu\n", "modprobe intel_rapl_msr"),
    ] {
        let mut machine = Machine::new();
        machine.write(file, content);
        let mut source = Powercap::new(&machine.options());
        let tick = machine.tick(&mut source);
        assert_eq!(gaps(tick), [(Subject::Component(Component::Cpu), Cause::Absent, false)]);
        assert!(tick.gaps()[0].detail.as_deref().is_some_and(|detail| detail.contains(words)), "{:?}", tick.gaps());
        assert!(machine.tick_after(60, &mut [&mut source]).gaps().is_empty(), "told once");
    }
}

/// Root reads everything, so the test starts itself anew without that right.
#[test]
fn counters_that_only_root_may_read() {
    const AGAIN: &str = "CARBON_REPORT_TEST_WITHOUT_RIGHTS";
    let folder = Folder::new();
    let closed = folder.write("closed", "");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("permissions");
    if fs::read(&closed).is_ok() {
        assert!(std::env::var_os(AGAIN).is_none(), "the right is still there");
        let status = Command::new("setpriv")
            .args(["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"])
            .arg(std::env::current_exe().expect("this test"))
            .args(["--exact", "counters_that_only_root_may_read"])
            .env(AGAIN, "1")
            .status()
            .expect("setpriv of util-linux");
        assert!(status.success());
        return;
    }
    let mut machine = Machine::new();
    machine.zone("intel-rapl:0", "package-0", 10).zone("intel-rapl:0:0", "dram", 3).write("proc/stat", "cpu  50 0 0 50 0 0 0 0\n");
    let counter = |zone: &str| machine.root.path().join("sys/class/powercap").join(zone).join("energy_uj");
    let files = [counter("intel-rapl:0"), counter("intel-rapl:0:0")];
    files.iter().for_each(|file| fs::set_permissions(file, fs::Permissions::from_mode(0o000)).expect("permissions"));
    let (mut source, mut models) = (Powercap::new(&machine.options()), Estimate::new(&machine.options()));
    let tick = machine.tick_after(1, &mut [&mut source, &mut models]);
    assert_eq!(
        gaps(tick),
        [(Subject::Component(Component::Cpu), Cause::Permission, false), (Subject::Component(Component::Memory), Cause::Permission, false)]
    );
    let detail = tick.gaps()[0].detail.clone().unwrap_or_default();
    for way in ["cap_dac_read_search", "udev", "root", "PLATYPUS"] {
        assert!(detail.contains(way), "{way}: {detail}");
    }
    // A model stands in, and does not end the gap of the sensor.
    assert_eq!(tick.readings().len(), 1);
    assert!(device(tick, tick.readings()[0].device).estimated_by.is_some());
    // The right is given while the recorder runs.
    files.iter().for_each(|file| fs::set_permissions(file, fs::Permissions::from_mode(0o400)).expect("permissions"));
    let tick = machine.tick_after(10, &mut [&mut source, &mut models]);
    assert_eq!(counters(tick).len(), 2);
    assert!(gaps(tick).iter().all(|(_, cause, ended)| *cause == Cause::Permission && *ended), "{:?}", tick.gaps());
}

#[test]
fn cards_of_other_makers() {
    let mut machine = Machine::new();
    let card = "sys/devices/pci0000:00/0000:03:00.0";
    machine.write(&format!("{card}/vendor"), "0x1002\n").write(&format!("{card}/device"), "0x744c\n");
    machine.write(&format!("{card}/gpu_busy_percent"), "97\n").write(&format!("{card}/mem_info_vram_used"), "1073741824\n");
    machine.write("sys/class/hwmon/hwmon2/name", "amdgpu\n").write("sys/class/hwmon/hwmon2/power1_average", "231000000\n");
    machine.write("sys/class/hwmon/hwmon2/power1_cap", "300000000\n");
    symlink(machine.root.path().join(card), machine.root.path().join("sys/class/hwmon/hwmon2/device")).expect("a link");
    machine.write("sys/class/hwmon/hwmon10/name", "i915\n").write("sys/class/hwmon/hwmon10/energy1_input", "5000000\n");
    // An APU's sensor sees the processor too; a disk's temperature is nobody's energy.
    machine.write("sys/class/hwmon/hwmon11/name", "amdgpu\n").write("sys/class/hwmon/hwmon11/power1_input", "15000000\n");
    machine.write("sys/class/hwmon/hwmon0/name", "nvme\n").write("sys/class/hwmon/hwmon0/power1_input", "1\n");
    let mut source = Hwmon::new(&machine.options());
    let tick = machine.tick(&mut source);
    let found: Vec<_> = tick
        .readings()
        .iter()
        .map(|r| {
            let d = device(tick, r.device);
            (d.component, d.bus_id.as_deref().unwrap_or(""), d.model.as_deref().unwrap_or(""), r.counter, r.power, r.utilisation_permille)
        })
        .collect();
    assert_eq!(
        found,
        [
            (Component::Gpu, "", "i915", Some(5_000_000), None, None),
            (Component::Platform, "", "amdgpu", None, Some(15_000_000), None),
            (Component::Gpu, "0000:03:00.0", "amdgpu [1002:744c]", None, Some(231_000_000), Some(970)),
        ]
    );
    assert_eq!(tick.readings()[2].memory_mib, Some(1024));
    // Asleep, a card refuses; awake, it is read on under its number.
    machine.write("sys/class/hwmon/hwmon2/power1_average", "");
    let tick = machine.tick(&mut source);
    assert_eq!(tick.readings().len(), 2);
    let id = tick.devices().iter().find(|d| d.device.bus_id.is_some()).expect("the card").id;
    assert_eq!(gaps(tick), [(Subject::Device(id), Cause::LostDevice, false)]);
    machine.write("sys/class/hwmon/hwmon2/power1_average", "20000000\n");
    assert_eq!(gaps(machine.tick(&mut source)), [(Subject::Device(id), Cause::LostDevice, true)]);
}

#[test]
fn one_meter_of_the_node_is_read() {
    let mut machine = Machine::new();
    machine.write("sys/class/hwmon/hwmon0/name", "aem1\n").write("sys/class/hwmon/hwmon0/energy1_input", "77\n");
    machine.write("sys/class/hwmon/hwmon1/name", "power_meter\n").write("sys/class/hwmon/hwmon1/power1_average", "412000000\n");
    machine.write("sys/class/power_supply/BAT0/type", "Battery\n").write("sys/class/power_supply/BAT0/status", "Discharging\n");
    machine.write("sys/class/power_supply/BAT0/power_now", "9000000\n");
    machine.write("proc/stat", "cpu  50 0 0 50 0 0 0 0\n").write("proc/meminfo", "MemTotal: 1000000 kB\n");
    let options = machine.options();
    let (mut hwmon, mut batteries, mut models) = (Hwmon::new(&options), Batteries::new(&options), Estimate::new(&options));
    let tick = machine.tick_after(1, &mut [&mut hwmon, &mut batteries, &mut models]);
    let readings: Vec<_> = tick.readings().iter().map(|r| (device(tick, r.device).component, r.counter, r.power)).collect();
    assert_eq!(readings, [(Component::Node, None, Some(412_000_000))], "nothing is read or modelled that the meter holds");
}

#[test]
fn a_laptop_on_battery_and_on_mains() {
    let mut machine = Machine::new();
    let battery = |machine: &Machine, status: &str| {
        machine.write("sys/class/power_supply/BAT0/type", "Battery\n").write("sys/class/power_supply/BAT0/status", status);
        machine
            .write("sys/class/power_supply/BAT0/current_now", "1500000\n")
            .write("sys/class/power_supply/BAT0/voltage_now", "12000000\n");
        machine.write("sys/class/power_supply/BAT1/type", "Battery\n").write("sys/class/power_supply/BAT1/status", "Unknown\n");
        machine.write("sys/class/power_supply/BAT1/power_now", "0\n");
        machine.write("sys/class/power_supply/mouse/type", "Battery\n").write("sys/class/power_supply/mouse/scope", "Device\n");
        machine.write("sys/class/power_supply/mouse/status", "Discharging\n");
    };
    battery(&machine, "Discharging\n");
    let mut source = Batteries::new(&machine.options());
    let tick = machine.tick(&mut source);
    assert_eq!(tick.readings().iter().map(|r| r.power).collect::<Vec<_>>(), [Some(18_000_000)], "1.5 A at 12 V");
    battery(&machine, "Charging\n");
    let tick = machine.tick(&mut source);
    assert_eq!((tick.readings().len(), gaps(tick)), (0, [(Subject::Device(DeviceId(0)), Cause::Absent, false)].to_vec()));
    battery(&machine, "Discharging\n");
    assert_eq!(gaps(machine.tick(&mut source)), [(Subject::Device(DeviceId(0)), Cause::Absent, true)]);
}

/// P = TDP × (0.15 + 0.52 × load), by hand.
#[test]
fn a_processor_without_a_sensor_is_modelled_and_says_so() {
    let cpuinfo = |flags: &str| {
        let processor =
            |n: u32| format!("processor\t: {n}\nmodel name\t: AMD EPYC 7763 64-Core Processor\nphysical id\t: 0\nflags\t\t: {flags}\n\n");
        (0..4).map(processor).collect::<String>()
    };
    // Bare metal: 280 W. A virtual machine of 4 of its 128 threads: 8.75 W. A model that no table has: 4 threads of 4 W.
    for (text, tdp_uw, words) in [
        (cpuinfo("fpu"), 280_000_000, "1 x 280 W TDP (EPYC 7763)"),
        (cpuinfo("fpu hypervisor"), 8_750_000, "4 of 128 threads"),
        (cpuinfo("fpu").replace("7763 64-Core Processor", "of a cloud"), 16_000_000, "no design power is known"),
    ] {
        let mut machine = Machine::new();
        machine.write("proc/cpuinfo", &text).write("proc/meminfo", "MemTotal: 62500000 kB\n");
        machine.write("proc/stat", "cpu  100 0 100 700 100 0 0 0 5 5\ncpu0 1 1 1 1\n");
        let mut source = Estimate::new(&machine.options());
        // Since the machine was started: 200 of 1000 ticks.
        let tick = machine.tick(&mut source);
        let power = |load_permille: u64| tdp_uw * (150_000 + 520 * load_permille) / 1_000_000;
        let [cpu, memory] = tick.readings() else { panic!("{:?}", tick.readings()) };
        assert_eq!((cpu.power, cpu.utilisation_permille), (Some(power(200)), Some(200)));
        // 64 GB of memory: 24 W.
        assert_eq!(memory.power, Some(24_000_000));
        let how = device(tick, cpu.device).estimated_by.clone().unwrap_or_default();
        assert!(how.contains(words) && how.contains("0.15 + 0.52 x load"), "{how}");
        // 90 of 100 ticks since.
        machine.write("proc/stat", "cpu  190 0 100 710 100 0 0 0 5 5\n");
        assert_eq!(machine.tick(&mut source).readings()[0].power, Some(power(900)));
        // Counters that stand still or begin again tell nothing.
        assert_eq!(machine.tick(&mut source).readings().len(), 1);
    }
}

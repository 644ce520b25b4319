//! NVML as it fails: a library with its face, built here, that does what a script says (RELIABILITY: S6, S7, S11).
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use carbon_core::read::carbon_report_jsonl::record::{Cause, Clocks, Counter, CounterUnit, Gap, PowerUnit, Reading, Subject};
use carbon_core::series::Component;
use carbon_core::units::{Instant, Span};
use carbon_report::record::source::nvml::NvmlSource;
use carbon_report::record::source::{Source, SourceOptions, Tick, Use};
use common::Folder;

/// A machine whose GPUs a script describes.
struct Bench {
    folder: Folder,
    source: NvmlSource,
    tick: Tick,
    second: i64,
}

fn clocks(second: i64) -> Clocks {
    let span = Span::from_seconds(1000 + second);
    Clocks { wall: Instant::from_micros(1_764_100_000_000_000 + second * 1_000_000), mono: span, boot: Some(span) }
}

fn build(folder: &Path) -> PathBuf {
    let library = folder.join("libnvidia-ml.so.1");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake/nvml.rs");
    let rustc = ["FAKE_NVML_RUSTC", "RUSTC"].into_iter().find_map(std::env::var_os).unwrap_or_else(|| "rustc".into());
    let status = Command::new(rustc)
        .args(["--edition", "2024", "--crate-type", "cdylib", "--crate-name", "nvidia_ml", "-o"])
        .arg(&library)
        .arg(&source)
        .env("FAKE_NVML_SCRIPT", folder.join("script"))
        .status()
        .expect("rustc runs");
    assert!(status.success());
    library
}

impl Bench {
    fn new(script: &str) -> Self {
        let folder = Folder::new();
        fs::write(folder.path().join("script"), script).expect("a script");
        let library = build(folder.path());
        Self::with(folder, library)
    }

    fn with(folder: Folder, library: PathBuf) -> Self {
        let options = SourceOptions { root: folder.path().join("no-such-root"), nvml_library: Some(library), processes: true };
        Self { source: NvmlSource::new(&options), folder, tick: Tick::new(clocks(0), Duration::from_secs(20)), second: 0 }
    }

    fn script(&self, script: &str) {
        let next = self.folder.path().join("next");
        fs::write(&next, script).expect("a script");
        fs::rename(next, self.folder.path().join("script")).expect("a script");
    }

    fn tick(&mut self) -> &Tick {
        self.tick_at(self.second + 1)
    }

    fn tick_at(&mut self, second: i64) -> &Tick {
        self.second = second;
        self.tick.begin(clocks(second));
        self.source.sample(&mut self.tick);
        &self.tick
    }
}

const ONE: &str = "count=1\n0.uuid=GPU-a\n0.name=NVIDIA A100\n0.power=250000\n0.energy=7000\n0.util=98\n0.memory=1073741824\n";

fn two(second: &str) -> String {
    format!("{}1.uuid=GPU-b\n1.name=NVIDIA A100\n{second}", ONE.replace("count=1", "count=2"))
}

fn causes(tick: &Tick) -> Vec<(Subject, &Cause, bool)> {
    tick.gaps().iter().map(|gap: &Gap| (gap.of, &gap.cause, gap.to.is_some())).collect()
}

fn devices(tick: &Tick) -> Vec<u32> {
    tick.readings().iter().map(|reading: &Reading| reading.device.0).collect()
}

#[test]
fn a_card_says_all_that_it_knows() {
    let mut bench = Bench::new(ONE);
    let tick = bench.tick();
    let device = &tick.devices()[0].device;
    assert_eq!((device.uuid.as_deref(), device.model.as_deref(), device.index.as_deref()), (Some("GPU-a"), Some("NVIDIA A100"), Some("0")));
    assert_eq!(device.counter, Some(Counter { unit: CounterUnit::Millijoule, range: None }));
    assert_eq!(device.power, Some(PowerUnit::Milliwatt));
    let id = tick.devices()[0].id;
    let all =
        Reading { counter: Some(7000), power: Some(250_000), utilisation_permille: Some(980), memory_mib: Some(1024), ..Reading::of(id) };
    assert_eq!((tick.readings(), tick.new_devices().len(), tick.gaps()), (&[all][..], 1, &[][..]));
    assert!(bench.tick().new_devices().is_empty(), "described once");
}

#[test]
fn no_library_no_driver_other_version() {
    let folder = Folder::new();
    let library = folder.path().join("libnvidia-ml.so.1");
    let mut bench = Bench::with(folder, library);
    let tick = bench.tick();
    assert_eq!(causes(tick), [(Subject::Component(Component::Gpu), &Cause::Absent, false)]);
    assert!(tick.gaps()[0].detail.as_deref().is_some_and(|d| d.contains("no NVIDIA driver")), "{:?}", tick.gaps());
    assert!(bench.tick().gaps().is_empty(), "told once");
    for (code, words) in [(9, "driver is not loaded"), (18, "differ in version"), (999, "internal driver error")] {
        let mut bench = Bench::new(&format!("init=rc:{code}\n"));
        let tick = bench.tick();
        let detail = tick.gaps()[0].detail.clone().unwrap_or_default();
        assert!(detail.to_lowercase().contains(words), "{code}: {detail}");
        assert!(tick.readings().is_empty());
    }
}

/// Time-compressed: a tick at second 30 does not try again, one at second 62 does.
#[test]
fn a_driver_that_comes_later_is_found() {
    let mut bench = Bench::new("init=rc:9\n");
    bench.tick();
    bench.script(ONE);
    assert!(bench.tick_at(30).readings().is_empty());
    let tick = bench.tick_at(62);
    assert_eq!(devices(tick), [0]);
    assert_eq!(causes(tick), [(Subject::Component(Component::Gpu), &Cause::Absent, true)]);
}

#[test]
fn one_lost_card_does_not_stop_the_other() {
    let good = "1.power=100000\n1.energy=5\n";
    let mut bench = Bench::new(&two(good));
    assert_eq!(devices(bench.tick()), [0, 1]);
    // Lost, and the handle with it; then in need of a reset; then back.
    bench.script(&two("1.handle=rc:15\n"));
    let tick = bench.tick();
    assert_eq!(devices(tick), [0]);
    let lost = tick.devices()[1].id;
    assert_eq!(causes(tick), [(Subject::Device(lost), &Cause::LostDevice, false)]);
    assert_eq!(tick.gaps()[0].from, Some(clocks(1)));
    bench.script(&two("1.power=rc:16\n1.energy=rc:16\n"));
    assert!(bench.tick().gaps().is_empty(), "still the same gap");
    bench.script(&two(good));
    let tick = bench.tick();
    assert_eq!(devices(tick), [0, 1]);
    assert_eq!(causes(tick), [(Subject::Device(lost), &Cause::LostDevice, true)]);
    assert_eq!((tick.gaps()[0].from, tick.gaps()[0].to), (Some(clocks(1)), Some(clocks(4))));
}

#[test]
fn cards_come_go_and_change_places() {
    let mut bench = Bench::new(ONE);
    assert_eq!(devices(bench.tick()), [0]);
    bench.script(&two("1.power=100000\n"));
    let tick = bench.tick();
    assert_eq!((devices(tick), tick.new_devices().len()), ([0, 1].to_vec(), 1));
    // The first is taken out: the second moves to its number and stays itself.
    bench.script("count=1\n0.uuid=GPU-b\n0.power=100000\n");
    let tick = bench.tick();
    assert_eq!(devices(tick), [1]);
    assert_eq!(causes(tick), [(Subject::Device(tick.devices()[0].id), &Cause::LostDevice, false)]);
    bench.script("count=0\n");
    assert_eq!(bench.tick().gaps().len(), 1, "the second is missing too");
}

#[test]
fn what_a_card_lacks_is_absent_and_never_zero() {
    // No energy counter: power. No power: the counter. Neither: said.
    let mut bench = Bench::new(&two("1.energy=5\n").replace("0.energy=7000\n", ""));
    let tick = bench.tick();
    assert_eq!(tick.readings().iter().map(|r| (r.counter, r.power)).collect::<Vec<_>>(), [(None, Some(250_000)), (Some(5), None)]);
    assert_eq!(
        tick.devices().iter().map(|d| (d.device.counter.is_some(), d.device.power.is_some())).collect::<Vec<_>>(),
        [(false, true), (true, false)]
    );
    let mut bench = Bench::new("count=1\n0.uuid=GPU-a\n0.name=bad \\xff\\xfe name\n");
    let tick = bench.tick();
    assert!(tick.readings().is_empty());
    assert_eq!(causes(tick), [(Subject::Device(tick.devices()[0].id), &Cause::Absent, false)]);
}

#[test]
fn a_name_that_is_no_text_costs_the_name() {
    let mut bench = Bench::new(&ONE.replace("NVIDIA A100", "NVIDIA \\xff\\xfe"));
    let tick = bench.tick();
    assert_eq!((devices(tick), tick.devices()[0].device.model.as_deref()), ([0].to_vec(), None));
}

#[test]
fn odd_values_pass_as_they_are() {
    let mut bench = Bench::new(&ONE.replace("7000", "9223372036854775807"));
    assert_eq!(bench.tick().readings()[0].counter, Some(9_223_372_036_854_775_807));
    bench.script(&ONE.replace("0.util=98\n", "0.util=rc:999\n").replace("0.memory=1073741824\n", "0.memory=rc:3\n"));
    let reading = bench.tick().readings()[0];
    assert_eq!((reading.power, reading.utilisation_permille, reading.memory_mib), (Some(250_000), None, None));
}

#[test]
fn a_card_that_is_split_says_so() {
    let mut bench = Bench::new(&format!("{ONE}0.mig=1\n").replace("0.util=98\n", ""));
    let tick = bench.tick();
    assert!(tick.devices()[0].device.remark.as_deref().is_some_and(|r| r.starts_with("MIG")));
    assert_eq!((tick.readings()[0].power, tick.readings()[0].utilisation_permille), (Some(250_000), None));
}

#[test]
fn a_driver_tells_who_used_a_card() {
    let with = |processes: &str| format!("{ONE}0.processes={processes}\n");
    // What it remembers at first is of the time before; a program's use is that since the tick before.
    let mut bench = Bench::new(&with("100:7:50"));
    assert_eq!(bench.tick().uses(), []);
    bench.script(&with("100:7:50,200:7:60,200:8:20,300:7:20"));
    let id = bench.tick.devices()[0].id;
    let used = |process, amount| Use { process, amount };
    assert_eq!(bench.tick().uses(), [(id, vec![used(7, 80), used(8, 20)])]);
    assert_eq!(bench.tick().uses(), [(id, vec![])], "nobody since");
    // A driver that does not say is not one that says nobody.
    bench.script(ONE);
    assert_eq!(bench.tick().uses(), []);
    assert_eq!(bench.tick.readings().len(), 1);
    bench.script(&with("300:7:20,400:8:10"));
    assert_eq!(bench.tick().uses(), [(id, vec![used(8, 10)])]);
}

/// A call that blocks for longer than a tick waits costs the tick, not the next ones; what it says late has no time and is left out.
#[test]
fn a_hang_costs_samples_alone() {
    let mut bench = Bench::new(ONE);
    bench.tick();
    bench.tick.patience = Duration::from_millis(20);
    bench.script(&format!("sleep_ms=60\n{ONE}"));
    let tick = bench.tick();
    let id = tick.devices()[0].id;
    assert!(tick.readings().is_empty());
    assert_eq!(causes(tick), [(Subject::Device(id), &Cause::Hang, false)]);
    bench.script(ONE);
    bench.tick.patience = Duration::from_secs(20);
    // Ticks do not wait for what is awaited already: they pass until the answer is there.
    let mut ticks = 0;
    while bench.tick().readings().is_empty() {
        ticks += 1;
        assert!(ticks < 1_000_000);
        std::thread::yield_now();
    }
    assert_eq!(causes(&bench.tick), [(Subject::Device(id), &Cause::Hang, true)]);
    assert_eq!(bench.tick.gaps()[0].from, Some(clocks(1)));
}

#[test]
fn a_library_that_everybody_can_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let mut bench = Bench::new(ONE);
    let library = bench.folder.path().join("libnvidia-ml.so.1");
    fs::set_permissions(&library, fs::Permissions::from_mode(0o777)).expect("permissions");
    let tick = bench.tick();
    assert!(tick.readings().is_empty());
    assert_eq!(causes(tick), [(Subject::Component(Component::Gpu), &Cause::Permission, false)]);
    let path = bench.folder.path().to_string_lossy().into_owned();
    assert!(bench.tick.gaps().iter().all(|g| g.detail.as_deref().is_some_and(|d| !d.contains(&path))), "no path enters the log");
}

/// The shipped program, driven by nothing but the loader's path and a tree of files: a log that is read back as measured.
#[test]
fn the_program_records_what_the_driver_says() {
    let bench = Bench::new(&two("1.power=100000\n"));
    let folder = &bench.folder;
    folder.write("root/sys/class/powercap/intel-rapl:0/name", "package-0\n");
    folder.write("root/sys/class/powercap/intel-rapl:0/energy_uj", "5000000\n");
    folder.write("root/sys/class/powercap/intel-rapl:0/max_energy_range_uj", "262143328850\n");
    // While it runs, the first GPU uses 9 J and the processor 2 J; the second GPU has no counter and draws 100 W.
    let later = two("1.power=100000\n").replace("0.energy=7000", "0.energy=16000");
    folder.write("later", later);
    let change = "sleep 0.5; mv later script; echo 7000000 > root/sys/class/powercap/intel-rapl:0/energy_uj; sleep 0.5";
    let output = Command::new(env!("CARGO_BIN_EXE_carbon-report"))
        .args(["record", "--interval", "100ms", "-o", "logs", "--host-root", "root", "--", "sh", "-c", change])
        .env("LD_LIBRARY_PATH", folder.path())
        .current_dir(folder.path())
        .output()
        .expect("a run");
    assert!(output.status.success(), "{output:?}");
    folder.run(&["logs", "-o", "report.json"]).status(0);
    let report: serde_json::Value = serde_json::from_str(&folder.read("report.json")).expect("a report");
    let activity = |component: &str, method: &str| {
        let all = report["activities"].as_array().expect("activities");
        let found = all.iter().find(|a| a["component"] == component && a["method"].as_str().is_some_and(|m| m.contains(method)));
        found.unwrap_or_else(|| panic!("{component} by {method}: {all:#?}")).clone()
    };
    let joules = |activity: &serde_json::Value| activity["energy_kwh"]["value"].as_f64().expect("a number") * 3.6e6;
    let (first, second, cpu) = (activity("gpu", "counter"), activity("gpu", "power"), activity("cpu", "counter"));
    assert!((joules(&first) - 9.0).abs() < 1e-9 && (joules(&cpu) - 2.0).abs() < 1e-9, "{first:#} {cpu:#}");
    let seconds = second["duration_s"].as_f64().expect("a length");
    assert!((joules(&second) - 100.0 * seconds).abs() < 1e-6 && seconds > 0.5, "{second:#}");
    for one in [&first, &second, &cpu] {
        assert_eq!((&one["basis"], &one["host"]), (&"measured".into(), &first["host"]));
    }
    assert_eq!((&first["device"], &first["model"]), (&"GPU-a".into(), &"NVIDIA A100".into()));
}

/// The program's share of a card by what the driver tells of each process: beside the energy, as an allocation.
#[test]
fn the_programs_share_of_a_card_is_an_allocation() {
    let bench = Bench::new(ONE);
    let folder = &bench.folder;
    folder.write("root/sys/class/powercap/intel-rapl:0/name", "");
    // Three quarters are the program's child's; process 1 is a stranger. The 9 J come when shares are being written.
    folder.write("shared", format!("{ONE}0.processes=now:OWN:30,now:1:10\n"));
    let program = "says() { until grep -q \"$1\" logs/*; do sleep 0.02; done; }; \
        sh -c 'sed s/OWN/$$/ shared > next; mv next script; until [ -e stop ]; do sleep 0.02; done' & \
        says '\"share\"'; sed s/energy=7000/energy=16000/ script > next; mv next script; says '\\[0,16000,'; touch stop; wait";
    let output = Command::new(env!("CARGO_BIN_EXE_carbon-report"))
        .args(["record", "-q", "--attribute", "--interval", "50ms", "-o", "logs", "--host-root", "root", "--", "sh", "-c", program])
        .env("LD_LIBRARY_PATH", folder.path())
        .current_dir(folder.path())
        .output()
        .expect("a run");
    assert!(output.status.success(), "{output:?}");
    folder.run(&["logs", "-o", "report.json", "-o", "card.md"]).status(0);
    let report: serde_json::Value = serde_json::from_str(&folder.read("report.json")).expect("a report");
    let joules = |value: &serde_json::Value| value.as_f64().expect("a number") * 3.6e6;
    let allocation = &report["allocations"][0];
    assert_eq!((report["allocations"].as_array().map(Vec::len), &allocation["component"]), (Some(1), &"gpu".into()), "{report:#}");
    assert!(
        (joules(&allocation["of_kwh"]) - 9.0).abs() < 1e-9 && (joules(&allocation["energy_kwh"]) - 6.75).abs() < 1e-9,
        "{allocation:#}"
    );
    assert!((joules(&report["energy"]["logged_kwh"]["value"]) - 9.0).abs() < 1e-9, "the card's energy is what counts");
    let card = folder.read("card.md");
    assert!(card.contains("an allocation, not a measurement: by the utilisation of each process, as the driver tells it"), "{card}");
}

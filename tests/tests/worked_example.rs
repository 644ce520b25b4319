//! `docs/worked-example.md`, `docs/reading-a-card.md` and the example of the README: every command prints what stands below it. `UPDATE=1` rewrites the pages: read that diff.

use std::fs;
use std::path::Path;
use std::process::Command;

use carbon_tests::root;

const FENCE: &str = "```";

/// Runs a line after `$ ` and gives what it prints on standard output.
fn run(line: &str, folder: &Path) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words.first(), Some(&"carbon-report"), "{line}: only this program runs");
    let output =
        Command::new(env!("CARGO_BIN_EXE_carbon-report-under-test")).current_dir(folder).args(&words[1..]).output().expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {stderr}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { fs::copy(entry.path(), target).map(|_| ()).expect("a copy") }
    }
}

/// The logs alone, so that what commands write stays out of the repository.
fn copy_of_logs(example: &str, name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("carbon-report-worked-example-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    copy(&root().join("examples").join(example).join("logs"), &folder.join("logs"));
    folder
}

/// The page as its commands would make it now.
fn made_anew(page: &str, folder: &Path) -> (String, usize) {
    let (mut fresh, mut commands) = (String::new(), 0);
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        fresh += &format!("{line}\n");
        let Some(fence) = line.strip_suffix("console").filter(|fence| fence.starts_with(FENCE)) else { continue };
        let command = lines.next().and_then(|line| line.strip_prefix("$ ")).expect("a command in each console block");
        lines.by_ref().find(|line| *line == fence).expect("an end of the block");
        let printed = run(command, folder);
        fresh += &format!("$ {command}\n{printed}{fence}\n");
        commands += 1;
    }
    (fresh, commands)
}

/// Compares a page with what it should be; with `UPDATE=1`, writes it.
fn compare(path: &Path, fresh: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, fresh).expect("the page can be written");
    }
    let page = fs::read_to_string(path).expect("the page");
    let differ = page.lines().zip(fresh.lines()).find(|(stands, made)| stands != made);
    assert!(page == fresh, "{}: rewrite with UPDATE=1 and read the diff; first: {differ:?}", path.display());
}

#[test]
fn every_command_prints_what_stands_below_it() {
    for (page, example, commands) in [("docs/worked-example.md", "mnist", 3), ("docs/reading-a-card.md", "gpu-node", 2)] {
        let path = root().join(page);
        let folder = copy_of_logs(example, example);
        let published = "examples/lightspec/logs";
        copy(&root().join(published), &folder.join(published));
        let (fresh, found) = made_anew(&fs::read_to_string(&path).expect("the page"), &folder);
        let _ = fs::remove_dir_all(&folder);
        assert_eq!(found, commands, "{page}");
        compare(&path, &fresh);
    }
}

/// The card in the README is what its command writes, at its shortest.
#[test]
fn the_readme_shows_a_real_card() {
    let path = root().join("README.md");
    let page = fs::read_to_string(&path).expect("the page");
    assert!(page.contains("cargo run --release -- examples/gpu-node/logs --region FR -o card.md"));
    let card = run("carbon-report examples/gpu-node/logs --region FR --length short --format markdown", &root());
    let quoted = |line: &str| if line.is_empty() { String::from(">\n") } else { format!("> {line}\n") };
    let lines: Vec<&str> = card.lines().filter(|line| !line.starts_with("<!--")).collect();
    let card: String = lines.join("\n").trim().lines().map(quoted).collect();
    let (before, rest) = page.split_once("<!-- example:start -->\n").expect("a start");
    let (_, after) = rest.split_once("<!-- example:end -->").expect("an end");
    let after = python_figure(after);
    compare(&path, &format!("{before}<!-- example:start -->\n{card}<!-- example:end -->{after}"));
}

/// The published figures, from the text of the page that no command writes.
#[test]
fn the_logs_hold_the_published_figures() {
    let folder = copy_of_logs("mnist", "figures");
    let report: serde_json::Value = serde_json::from_str(&run(
        "carbon-report logs --region DK --predict-epochs 10 --boundary logged --pue 1.59 --format json",
        &folder,
    ))
    .expect("JSON");
    let _ = fs::remove_dir_all(&folder);
    let near = |value: &serde_json::Value, expected: f64, relative: f64| {
        let value = value.as_f64().unwrap_or(f64::NAN);
        assert!((value / expected - 1.0).abs() <= relative, "{value} instead of {expected}");
    };
    let declared = report["declared"].as_array().expect("figures");
    let of = |kind: &str, tool: &str| {
        let fits = |d: &&serde_json::Value| {
            d["kind"] == kind && d["tool"].as_str().is_some_and(|name| name.starts_with(tool)) && d["energy_kwh"].is_number()
        };
        declared.iter().find(fits).unwrap_or_else(|| panic!("{kind} {tool}"))
    };
    near(&of("actual", "CodeCarbon")["energy_kwh"], 0.000_68, 1e-12);
    near(&of("actual", "CodeCarbon")["emissions_kgco2e"], 0.000_47, 1e-12);
    near(&of("actual", "carbontracker")["energy_kwh"], 0.000_397, 1e-12);
    near(&of("actual", "carbontracker")["emissions_kgco2e"], 0.000_116_738, 1e-12);
    near(&of("predicted", "carbontracker")["energy_kwh"], 0.003_968, 1e-12);
    near(&of("predicted", "carbontracker")["emissions_kgco2e"], 0.001_167_384, 1e-12);
    near(&report["runs"][0]["duration_s"], 112.15, 1e-12);
    // Kilometres are not read: `estimates/carbontracker-*.toml` reproduces them.
    let folder = root().join("examples/mnist/logs/carbontracker/2021-03-01T100000Z_carbontracker_output.log");
    let printed = fs::read_to_string(folder).expect("the log");
    for line in ["Energy:\t0.000397 kWh", "CO2eq:\t0.116738 g", "0.000970 km", "0.003968 kWh", "1.167384 g", "0.009696 km"] {
        assert!(printed.contains(line), "{line}");
    }
    // Ten epochs by this program, of the parts and with the PUE that carbontracker takes: what it predicts, with an interval around it.
    let prediction = &report["prediction"];
    near(&prediction["facility_kwh"]["value"], 0.003_968, 1e-3);
    near(&prediction["known_facility_kwh"]["value"], 0.000_396_8, 1e-3);
    assert!(prediction["predicted_facility_kwh"]["low"].as_f64() < Some(9.0 * 0.000_396_8));
}

/// The figure that the README's lines of Python print, as it is now.
fn python_figure(text: &str) -> String {
    let json = run("carbon-report examples/digits-mlp/logs --region FR --format json", &root());
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let total = &report["emissions"]["operational_kgco2e"];
    let figure = format!("{} (95% interval {})", total["text"].as_str().expect("text"), total["interval_text"].as_str().expect("text"));
    assert!(text.contains("carbon_report.read(\"examples/digits-mlp/logs\", region=\"FR\")"));
    let (before, rest) = text.split_once("print(report.emissions_kgco2e)      # ").expect("a print");
    let (_, after) = rest.split_once('\n').expect("an end");
    format!("{before}print(report.emissions_kgco2e)      # {figure}\n{after}")
}

/// Where the second card of `docs/reading-a-card.md` begins.
const REAL: &str = "\n# A card of a real folder\n";

/// What the page quotes stands in the card before it.
fn quotes_its_card(page: &str, quotes: usize) {
    let (_, card) = page.split_once("````console").expect("the card");
    let (card, rest) = card.split_once("\n````\n").expect("an end");
    let quoted: Vec<&str> = rest.lines().filter_map(|line| line.strip_prefix("> ")).collect();
    assert_eq!(quoted.len(), quotes);
    quoted.iter().for_each(|sentence| assert!(card.contains(sentence), "not in the card: {sentence}"));
}

/// A cell of the last row of a table that starts so.
fn table_cell(name: &str, start: &str, column: usize) -> f64 {
    let table = fs::read_to_string(root().join("data/tables").join(name)).expect("a table");
    let row = table.lines().rfind(|row| row.starts_with(start)).unwrap_or_else(|| panic!("{name}: no row {start}"));
    row.split(',').nth(column).expect("a cell").parse().expect("a number")
}

/// The second card of the page, in the same way.
#[test]
fn the_evidence_beside_the_card_of_a_real_folder_is_that_of_its_rows() {
    let page = fs::read_to_string(root().join("docs/reading-a-card.md")).expect("the page");
    let (_, page) = page.split_once(REAL).expect("the second card");
    let says = |text: &str| assert!(page.contains(text), "the page lacks {text:?}");
    let log = fs::read_to_string(root().join("examples/lightspec/logs/emissions.csv")).expect("emissions.csv");
    let names: Vec<&str> = log.lines().next().expect("a header").split(',').collect();
    let sum = |name: &str| -> f64 {
        let at = names.iter().position(|known| *known == name).expect("a column");
        log.lines().skip(1).map(|row| row.split(',').nth(at).expect("a cell").parse::<f64>().expect("a number")).sum()
    };
    let [gpu, memory, cpu] = ["gpu_energy", "ram_energy", "cpu_energy"].map(|name| sum(name) * 1000.0);
    let (logged, seconds) = (gpu + memory + cpu, sum("duration"));
    for (part, wh) in [("GPU", gpu), ("memory", memory), ("CPU", cpu)] {
        says(&format!("| {part} | {wh:.2} Wh |"));
    }
    let grams = table_cell("grid_intensity.csv", "IL,ISR,Israel,492.69,lifecycle,2025", 3);
    let rated = table_cell("accelerators.csv", "NVIDIA,A100-SXM4-40GB,", 3);
    let of_rest = |part: &str| table_cell("machine_rest.csv", &format!("accelerator_server,{part},"), 2);
    let emitted = |wh: f64| wh * grams / 1000.0;
    let fans = of_rest("other") * rated * seconds / 3600.0;
    let supplies = of_rest("supply") * (logged + fans);
    let it = logged + fans + supplies;
    says(&format!("| **the logs hold** | **{logged:.2} Wh** | {:.2} g at {grams} g/kWh", emitted(logged)));
    says(&format!("The seven rows last {seconds:.2} s."));
    says(&format!("{} × {rated:.0} W, the A100's rated power, over that time = {fans:.2} Wh", of_rest("other")));
    says(&format!("{} × ({logged:.2} + {fans:.2}) Wh = {supplies:.2} Wh", of_rest("supply")));
    says(&format!("Together {:.2} Wh, {:.2} g", fans + supplies, emitted(fans + supplies)));
    says(&format!("{logged:.2} + {:.2} = {it:.2} Wh", fans + supplies));
    says(&format!("that is {:.3} g", emitted(it)));
    says(&format!("{:.2} ÷ {logged:.2} is {:.0} %", gpu, gpu / logged * 100.0));
    says(&format!("{:.0}% of it measured", gpu / it * 100.0));
    says(&format!("{:.2} g for the logged parts, at {:.1} g/kWh", sum("emissions") * 1000.0, sum("emissions") / logged * 1e6));
    let building = 1.0 + of_rest("facility");
    says(&format!("{:.3} × {building} = {:.2} g", emitted(it), emitted(it) * building));
    quotes_its_card(page, 4);
}

/// `docs/reading-a-card.md`: every number beside the sentences, worked out from the bytes of the logs and the rows of the tables, without the program.
#[test]
fn the_evidence_beside_the_card_is_that_of_the_logs() {
    let logs = root().join("examples/gpu-node/logs");
    let page = fs::read_to_string(root().join("docs/reading-a-card.md")).expect("the page");
    let (page, _) = page.split_once(REAL).expect("two cards");
    let says = |text: &str| assert!(page.contains(text), "the page lacks {text:?}");

    // nvidia-smi: trapezoids, but none over the hole.
    let log = fs::read_to_string(logs.join("gpu.csv")).expect("gpu.csv");
    let mut samples: [Vec<(f64, f64)>; 2] = Default::default();
    for row in log.lines().skip(1) {
        let cells: Vec<&str> = row.split(", ").collect();
        let clock: Vec<f64> =
            cells[0].rsplit(' ').next().expect("a clock").split(':').map(|part| part.parse().expect("a number")).collect();
        let watts = cells[4].trim_end_matches(" W").parse().expect("watts");
        samples[cells[1].parse::<usize>().expect("an index")].push((clock[0] * 3600.0 + clock[1] * 60.0 + clock[2], watts));
    }
    let mut gpu_wh = 0.0;
    let (mut seconds, mut hole) = (0.0, (0.0f64, f64::MAX));
    for one in &samples {
        let mut wh = 0.0;
        for pair in one.windows(2) {
            let (from, to) = (pair[0].0, pair[1].0);
            if to - from > 100.0 {
                // Nobody watched either of them.
                hole = (hole.0.max(from), hole.1.min(to));
                continue;
            }
            wh += (pair[0].1 + pair[1].1) / 2.0 * (to - from) / 3600.0;
            seconds += to - from;
        }
        says(&format!("{} power samples", one.len()));
        says(&format!("| {wh:.2} Wh |"));
        gpu_wh += wh;
    }
    let first = samples.iter().flatten().map(|(at, _)| *at).fold(f64::MAX, f64::min);
    let last = samples.iter().flatten().map(|(at, _)| *at).fold(0.0, f64::max);

    // CodeCarbon: kWh and seconds of the one row.
    let log = fs::read_to_string(logs.join("emissions.csv")).expect("emissions.csv");
    let mut lines = log.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let row: Vec<&str> = lines.next().expect("a row").split(',').collect();
    let cell = |name: &str| -> f64 { row[names.iter().position(|n| *n == name).expect("a column")].parse().expect("a number") };
    let (tracked_s, tracked_wh) = (cell("duration"), cell("gpu_energy") * 1000.0);
    let alone_s = hole.1 - hole.0;
    let alone_wh = tracked_wh * alone_s / tracked_s;
    let (cpu, memory) = (cell("cpu_energy") * 1000.0, cell("ram_energy") * 1000.0);
    says(&format!("| {alone_wh:.2} Wh | CodeCarbon's {tracked_wh:.1} Wh for {tracked_s:.1} s, of which it alone saw {alone_s:.3} s |"));
    says(&format!("The other {:.2} Wh", tracked_wh - alone_wh));
    says(&format!("| CPU | {cpu:.2} Wh |"));
    says(&format!("| memory | {memory:.2} Wh |"));
    let logged = gpu_wh + alone_wh + cpu + memory;
    let share = |part: f64, whole: f64| format!("{:.0}% of it", part / whole * 100.0);
    says(&format!("{} by sensors; ", share(gpu_wh + alone_wh, logged)));

    // The tables.
    let grams = table_cell("grid_intensity.csv", "FR,FRA,France,41", 3);
    assert_eq!(grams, table_cell("grid_intensity.csv", &format!("FR,FRA,France,{grams},lifecycle,2025,"), 3));
    let rated = table_cell("accelerators.csv", "NVIDIA,A100-SXM4-40GB,", 3);
    let of_rest = |part: &str| table_cell("machine_rest.csv", &format!("accelerator_server,{part},"), 2);
    let fans = of_rest("other") * 2.0 * rated * (last - first) / 3600.0;
    let supplies = of_rest("supply") * (logged + fans);
    let it = logged + fans + supplies;
    let emitted = |wh: f64| wh * grams / 1000.0;
    says(&format!("{} × the rated power of the GPUs, 2 × {rated:.0} W, over {:.0} s = {fans:.2} Wh", of_rest("other"), last - first));
    says(&format!("{} × ({logged:.2} + {fans:.2}) Wh = {supplies:.2} Wh", of_rest("supply")));
    says(&format!("**{logged:.2} Wh** | {:.3} g at {grams} g/kWh", emitted(logged)));
    says(&format!("Together {:.2} Wh, {:.3} g", fans + supplies, emitted(fans + supplies)));
    says(&format!("{it:.2} Wh of electricity × {grams} g for a kilowatt hour = {:.3} g", emitted(it)));
    says(&format!("sensors hold {:.2} Wh", gpu_wh + alone_wh));
    says(&format!("The computers used {it:.0} Wh, {} measured.", share(gpu_wh + alone_wh, it)));
    let building = 1.0 + of_rest("facility");
    says(&format!("{:.3} × {building} = {:.3} g", emitted(it), emitted(it) * building));
    says(&format!("**{:.3} GPU-hours**", (seconds + 2.0 * alone_s) / 3600.0));
    says(&format!("**{:.1} min**", tracked_s / 60.0));

    // The interval from its causes: the page lists each, and their squares add up nearly to the ends.
    let folder = copy_of_logs("gpu-node", "evidence");
    let report: serde_json::Value = serde_json::from_str(&run("carbon-report logs --region FR --format json", &folder)).expect("JSON");
    let _ = fs::remove_dir_all(&folder);
    let (mut low, mut high) = (0.0, 0.0);
    for cause in report["interval"]["budget"].as_array().expect("terms").iter().flat_map(|term| term["causes"].as_array().expect("causes"))
    {
        let (down, up) = (cause["low_percent"].as_f64().expect("a number"), cause["high_percent"].as_f64().expect("a number"));
        (low, high) = (low + (down / 100.0).ln_1p().powi(2), high + (up / 100.0).ln_1p().powi(2));
        if up > 0.05 {
            let source = cause["source"].as_str().unwrap_or("the samples' own scatter");
            says(&format!("| {down:.2} % | +{up:.2} % | {} | {source} |", cause["evaluation"].as_str().expect("a type")));
        }
    }
    says(&format!("{:.3} × e^-{:.3} = {:.2} g", emitted(it), low.sqrt(), emitted(it) * (-low.sqrt()).exp()));
    says(&format!("with the other column: {:.2} g", emitted(it) * high.sqrt().exp()));
    let grams = |end: &str| report["emissions"]["operational_kgco2e"][end].as_f64().expect("kg") * 1000.0;
    says(&format!("the card's {:.2} g and {:.2} g", grams("low"), grams("high")));
    assert!((grams("low") / (emitted(it) * (-low.sqrt()).exp()) - 1.0).abs() < 0.02);
    assert!((grams("high") / (emitted(it) * high.sqrt().exp()) - 1.0).abs() < 0.02);
    says(report["energy"]["it_kwh"]["interval_text"].as_str().expect("text"));

    quotes_its_card(page, 6);
}

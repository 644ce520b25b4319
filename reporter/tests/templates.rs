//! A template that the user names is trusted as the user is, and still reads no files, ends soon and writes no more than it may.

mod common;

use std::fs;
use std::time::{Duration, Instant};

use common::{Folder, gpu_log};

const SECRET: &str = "the-secret-of-this-machine";

/// What a template may take, with room for a slow machine to start the program and read the log.
const LONGEST: Duration = Duration::from_secs(10);

#[test]
fn a_template_reads_nothing_and_ends_soon() {
    let folder = Folder::new();
    folder.write("logs/gpu.csv", gpu_log("GPU-1", 0, 120, |_| 200));
    folder.write("secret", SECRET);
    folder.run(&["logs", "-o", "saved.json", "-q"]).status(0);
    let secret = folder.path().join("secret").display().to_string();
    let loops = |depth: usize, inner: &str| {
        let open: String = (0..depth).map(|at| format!("{{% for x{at} in range(end=100000) %}}")).collect();
        format!("{open}{inner}{}", "{% endfor %}".repeat(depth))
    };
    let doubled = "{% set x = \"aaaaaaaaaaaaaaaa\" %}{% for i in range(end=64) %}{% set_global x = x ~ x %}{% endfor %}{{ x }}";
    for (kind, template) in [
        ("includes a file", String::from("{% include \"../secret\" %}")),
        ("includes a file", format!("{{% include {secret:?} %}}")),
        ("includes a file", String::from("{% include \"secret\" ignore missing %}{% include \"/etc/hostname\" %}")),
        ("extends a file", String::from("{% extends \"../secret\" %}")),
        ("imports a file", String::from("{% import \"../secret\" as s %}{{ s::x() }}")),
        ("extends itself", String::from("{% extends \"t.md.tera\" %}")),
        ("includes itself", String::from("{% include \"t.md.tera\" %}")),
        ("reads the environment", String::from("{{ get_env(name=\"PATH\") }}")),
        ("reads the environment", String::from("{{ env.PATH }}{{ __tera_context }}{{ config.home }}")),
        ("calls itself", String::from("{% component c() %}{{ <c() /> }}{% endcomponent c %}{{ <c() /> }}")),
        ("calls itself", String::from("{% macro m() %}{{ self::m() }}{% endmacro m %}{{ self::m() }}")),
        ("takes long", loops(3, "{% if false %}x{% endif %}")),
        ("takes long", loops(4, "{% set y = 1 %}")),
        ("writes without end", loops(2, "0123456789abcdef")),
        ("doubles a text", String::from(doubled)),
        ("doubles a text", format!("{{% set x = \"aaaaaaaaaaaaaaaa\" %}}{}{{{{ x | length }}}}", "{% set x = x ~ x %}".repeat(60))),
        ("is a large range", String::from("{{ range(end=100000000000) | length }}")),
        ("is a huge expression", format!("{{{{ {}1 }}}}", "1 + ".repeat(200_000))),
        ("is deep", format!("{{{{ {}1{} }}}}", "(".repeat(50_000), ")".repeat(50_000))),
        ("is deep", format!("{}x{}", "{% if true %}".repeat(5_000), "{% endif %}".repeat(5_000))),
        ("is deep", format!("{{{{ {}1{} }}}}", "[".repeat(500), "]".repeat(500))),
        ("is large", "x".repeat(1 << 20)),
    ] {
        folder.write("t.md.tera", &template);
        let begun = Instant::now();
        let run = folder.run(&["saved.json", "--template", "t.md.tera", "-o", "card.md"]);
        let shown = &template[..template.len().min(80)];
        assert_eq!(run.status, 2, "{kind}: {shown}: {}", run.err);
        assert!(run.err.contains("template"), "{kind}: {shown}: {}", run.err);
        assert!(!run.err.contains(SECRET) && !folder.path().join("card.md").exists(), "{kind}: {shown}");
        assert!(begun.elapsed() < LONGEST, "{kind}: {shown} took {:?}", begun.elapsed());
    }
    // A template in itself is no fault.
    folder.write("t.md.tera", "{% for a in report.activities %}{{ a.component }}{% endfor %}");
    folder.run(&["saved.json", "--template", "t.md.tera", "-o", "card.md", "--force"]).status(0);
    assert!(fs::read_to_string(folder.path().join("card.md")).unwrap().starts_with("gpu"));
}

/// A file that is named as a template and is none: a pipe or a device would never end.
#[cfg(unix)]
#[test]
fn a_template_is_a_file() {
    let folder = Folder::new();
    folder.write("logs/gpu.csv", gpu_log("GPU-1", 0, 120, |_| 200));
    assert!(std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
    for name in ["pipe", "/dev/zero", "logs", "not-there"] {
        let begun = Instant::now();
        folder.run(&["logs", "--template", name, "-o", "card.md"]).status(2).says("template");
        assert!(begun.elapsed() < LONGEST, "{name}");
    }
}

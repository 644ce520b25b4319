//! carbon-wasm for the web: cargo builds it, wasm-bindgen writes the glue.

use std::path::Path;
use std::process::Command;

use crate::{root, target};

/// A build of the crate: its name, and its feature.
const BUILDS: [(&str, &str); 4] = [("carbon", "accounting"), ("planning", "planning"), ("documents", "documents"), ("html", "html")];

/// Vectors of 128 bits, which every engine has had since 2023: hashing is twice as fast.
const SIMD: &str = "-Ctarget-feature=+simd128";

/// Makes every build, or the one of this name, each in a folder of its own.
pub fn build(out: &Path, only: Option<&str>) -> Result<(), String> {
    let mut chosen = BUILDS.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)).peekable();
    if chosen.peek().is_none() {
        return Err(format!("found no build of the name {}", only.unwrap_or_default()));
    }
    chosen.try_for_each(|(name, feature)| one(&out.join(name), name, feature))
}

fn one(out: &Path, name: &str, feature: &str) -> Result<(), String> {
    let status = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .current_dir(root())
        .env("RUSTFLAGS", format!("{} {SIMD}", without_paths()?))
        .args(["build", "--locked", "--package", "carbon-wasm", "--target", "wasm32-unknown-unknown", "--profile", "wasm"])
        .args(["--no-default-features", "--features", feature])
        .status()
        .map_err(|e| format!("cargo could not be started: {e}"))?;
    if !status.success() {
        return Err("the wasm build failed; `rustup target add wasm32-unknown-unknown` installs the target".to_owned());
    }
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(target().join("wasm32-unknown-unknown/wasm/carbon_wasm.wasm")).out_name(name).typescript(true);
    // After a trap the page starts the module anew.
    bindgen.remove_name_section(true).remove_producers_section(true).reset_state_function(true);
    bindgen.web(true).and_then(|b| b.generate(out)).map_err(|e| format!("wasm-bindgen: {e:#}"))?;
    eprintln!("wrote {}", out.display());
    Ok(())
}

/// Flags that keep this machine's paths out of the file, so that every machine builds the same bytes.
pub fn without_paths() -> Result<String, String> {
    let home = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{}/.cargo", std::env::var("HOME").unwrap_or_default()));
    let rustc = Command::new("rustc").args(["--print", "sysroot"]).output().map_err(|e| format!("rustc could not be started: {e}"))?;
    let sysroot = String::from_utf8_lossy(&rustc.stdout);
    let maps = [(format!("{home}/registry/src"), "crates"), (sysroot.trim().to_owned(), "rust"), (root().display().to_string(), ".")];
    Ok(maps.map(|(from, to)| format!("--remap-path-prefix={from}={to}")).join(" "))
}

//! The npm package: every build, the tables as a module, then the package's own build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{root, wasm};

/// Where generated sources of the package lie.
pub fn generated() -> PathBuf {
    package().join("src/generated")
}

/// Where the built package lies.
pub fn dist() -> PathBuf {
    package().join("dist")
}

fn package() -> PathBuf {
    root().join("wasm/js")
}

/// Builds the package into its `dist`.
pub fn build() -> Result<(), String> {
    let generated = generated();
    wasm::build(&generated, None)?;
    fs::write(generated.join("tables.ts"), tables()).map_err(|e| format!("tables: {e}"))?;
    if !package().join("node_modules").is_dir() {
        run(&package(), "npm", &["ci", "--no-fund", "--no-audit", "--ignore-scripts"])?;
    }
    run(&package(), "node", &["build.mjs"])
}

/// The factor tables as a TypeScript module.
fn tables() -> String {
    let mut text =
        String::from("/** Factor tables: name, and CSV text. */\nexport const tables: readonly (readonly [string, string])[] = [\n");
    for (name, csv) in carbon_data::TABLES {
        text.push_str(&format!("  [{name:?}, {}],\n", quoted(csv)));
    }
    text.push_str("];\n\n/** The acknowledgement that the licences of the tables ask for. */\n");
    text.push_str(&format!("export const attribution: string = {};\n", quoted(carbon_data::ATTRIBUTION)));
    text
}

/// A string literal of JavaScript.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n").replace('\r', r"\r");
    format!("\"{}\"", escaped.replace('\u{2028}', r"\u2028").replace('\u{2029}', r"\u2029"))
}

/// Runs a program to its end in a folder.
pub fn run(folder: &Path, program: &str, args: &[&str]) -> Result<(), String> {
    let status =
        Command::new(program).current_dir(folder).args(args).status().map_err(|e| format!("{program} could not be started: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{program} {}` failed", args.join(" "))) }
}

//! Project tasks: `cargo run -p xtask -- <task>`.
//!
//! `wasm` builds carbon-wasm for the web and writes the JavaScript glue beside it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "usage: cargo run -p xtask -- wasm [OUT]\n\n  wasm [OUT]   build carbon-wasm and its JavaScript glue into OUT (default: target/wasm-package)";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let result = match args.next().as_deref() {
        Some("wasm") => wasm(args.next().map_or_else(|| target().join("wasm-package"), PathBuf::from)),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Builds the crate, then lets wasm-bindgen write the glue. Paths of this machine are kept out of the file.
fn wasm(out: PathBuf) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask has no parent folder")?;
    let home = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{}/.cargo", std::env::var("HOME").unwrap_or_default()));
    let remap = format!("--remap-path-prefix={home}/registry/src=crates --remap-path-prefix={}=.", root.display());
    let status = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .current_dir(root)
        .env("RUSTFLAGS", remap)
        .args(["build", "--package", "carbon-wasm", "--target", "wasm32-unknown-unknown", "--profile", "wasm"])
        .status()
        .map_err(|e| format!("cargo could not be started: {e}"))?;
    if !status.success() {
        return Err("the wasm build failed; `rustup target add wasm32-unknown-unknown` installs the target".to_owned());
    }
    let built = target().join("wasm32-unknown-unknown/wasm/carbon_wasm.wasm");
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(built).out_name("carbon").typescript(true).remove_name_section(true).remove_producers_section(true);
    bindgen.web(true).and_then(|b| b.generate(&out)).map_err(|e| format!("wasm-bindgen: {e:#}"))?;
    eprintln!("wrote {}", out.display());
    Ok(())
}

fn target() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

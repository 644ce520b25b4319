//! The Python wheel: the command and the package in one file, by maturin.

use std::path::PathBuf;
use std::process::Command;

use crate::{npm, root, target, wasm};

/// Builds the wheel into `target/wheel`, with the profile `release` or a quicker one for tests.
pub fn build(profile: &str) -> Result<(), String> {
    let out = target().join("wheel");
    let mut maturin = Command::new(maturin()?);
    maturin.current_dir(root().join("python")).args(["build", "--locked", "--profile", profile, "--out"]).arg(&out);
    if profile == "release" {
        maturin.env("RUSTFLAGS", wasm::without_paths()?);
    }
    let status = maturin.status().map_err(|e| format!("maturin could not be started: {e}"))?;
    if status.success() { Ok(()) } else { Err("maturin failed".to_owned()) }
}

/// maturin, in a virtual environment of its own.
fn maturin() -> Result<PathBuf, String> {
    let venv = target().join("venv-maturin");
    let program = venv.join("bin/maturin");
    if !program.is_file() {
        npm::run(root(), "python3", &["-m", "venv", &venv.to_string_lossy()])?;
        let pip = venv.join("bin/pip");
        npm::run(root(), &pip.to_string_lossy(), &["install", "-q", "--disable-pip-version-check", "maturin>=1.16,<2"])?;
    }
    Ok(program)
}

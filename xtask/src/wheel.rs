//! The Python wheel: the command, the package and the web build in one file, by maturin.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{npm, page, root, target, wasm};

/// Builds the wheel into `target/wheel`, with the profile `release` or a quicker one for tests, which takes the npm package as it was built last.
pub fn build(profile: &str) -> Result<(), String> {
    if profile == "release" || !npm::dist().join("element.js").is_file() {
        npm::build()?;
    }
    web()?;
    let out = target().join("wheel");
    let mut maturin = Command::new(maturin()?);
    maturin.current_dir(root().join("python")).args(["build", "--locked", "--profile", profile, "--out"]).arg(&out);
    if profile == "release" {
        maturin.env("RUSTFLAGS", wasm::without_paths()?);
    }
    let status = maturin.status().map_err(|e| format!("maturin could not be started: {e}"))?;
    if status.success() { Ok(()) } else { Err("maturin failed".to_owned()) }
}

/// The widget's script and the element with its parts, in the Python package.
fn web() -> Result<(), String> {
    let web = root().join("python/carbon_report/web");
    match fs::remove_dir_all(&web) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(format!("{}: {e}", web.display())),
        _ => {}
    }
    page::copy(&npm::dist(), &web.join("element"), &|name| name.ends_with(".js"))?;
    npm::run(root(), "node", &["python/widget/build.mjs", &web.join("widget.js").to_string_lossy()])
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

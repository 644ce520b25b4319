//! The page, ready to be published: its own files, the built package, the example logs.

use std::fs;
use std::path::Path;

use crate::{npm, root};

/// Writes it into `out`. The npm package must have been built.
pub fn build(out: &Path) -> Result<(), String> {
    let dist = npm::dist();
    if !dist.join("element.js").is_file() {
        return Err("the npm package is not built: run `cargo run -p xtask -- npm` first".to_owned());
    }
    let scripts = |name: &str| name.ends_with(".js") || name == "licences.txt";
    copy(&root().join("examples/page"), out, &|name| !matches!(name, "README.md" | "example.mjs"))?;
    copy(&dist, &out.join("carbon-report"), &scripts)?;
    for example in ["digits-mlp", "gpu-node"] {
        let logs = format!("examples/{example}/logs");
        copy(&root().join(&logs), &out.join(&logs), &|_| true)?;
    }
    let example = std::path::absolute(out.join("example.json")).map_err(|e| format!("{}: {e}", out.display()))?;
    npm::run(root(), "node", &["examples/page/example.mjs", &example.display().to_string()])?;
    eprintln!("wrote {}", out.display());
    Ok(())
}

/// Copies those files of a folder and of the folders in it that are wanted, by name.
pub fn copy(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("{}: {e}", from.display());
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if entry.file_type().map_err(failed)?.is_dir() {
            copy(&entry.path(), &to.join(&name), wanted)?;
        } else if wanted(&name.to_string_lossy()) {
            fs::create_dir_all(to).map_err(failed)?;
            fs::copy(entry.path(), to.join(&name)).map_err(failed)?;
        }
    }
    Ok(())
}

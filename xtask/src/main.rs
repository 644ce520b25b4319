//! Project tasks: `cargo run -p xtask -- <task>`.

mod npm;
mod page;
mod wasm;
mod wheel;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- TASK

  wasm [NAME]  build carbon-wasm and its JavaScript glue into wasm/js/src/generated: for accounting (carbon), for what
               needs no logs (planning), for documents (documents), for HTML (html), or all of them
  npm          the same, then the npm package into wasm/js/dist; needs Node 20 and npm
  page [OUT]   the page with the built package and the example logs, ready to be published [default: target/page]
  wheel [PROFILE]
               build the Python wheel with the web build into target/wheel [default: release]; needs Python 3, Node 20 and npm";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let result = match args.next().as_deref() {
        Some("npm") => npm::build(),
        Some("page") => page::build(&args.next().map_or_else(|| target().join("page"), PathBuf::from)),
        Some("wasm") => wasm::build(&npm::generated(), args.next().as_deref()),
        Some("wheel") => wheel::build(args.next().as_deref().unwrap_or("release")),
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

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

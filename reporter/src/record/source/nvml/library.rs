//! Which library is loaded: the driver's own, never one that anybody may have put there.

use std::path::{Path, PathBuf};

use nvml_wrapper::Nvml;
use nvml_wrapper::error::NvmlError;

use carbon_core::read::carbon_report_jsonl::record::Cause;

/// The name that the driver installs, and that the loader looks for.
#[cfg(not(windows))]
const NAME: &str = "libnvidia-ml.so.1";
#[cfg(windows)]
const NAME: &str = "nvml.dll";

/// A program without a dynamic loader can load no library: it would take every machine for one without a driver.
const IS_STATIC: bool = cfg!(all(target_env = "musl", target_feature = "crt-static"));
const STATIC: &str = "this build of carbon-report is static and can't load the NVIDIA driver's library; a build for glibc sees NVIDIA GPUs";

/// Loads NVML, from `given` or where the loader finds it, and starts it.
pub(super) fn load(given: Option<&Path>) -> Result<Nvml, (Cause, String)> {
    let found =
        given.map(Path::to_path_buf).or_else(|| search_path().into_iter().map(|folder| folder.join(NAME)).find(|path| path.exists()));
    if found.is_some_and(|path| path.exists() && is_world_writable(&path)) {
        return Err((Cause::Permission, format!("{NAME} lies where everybody can write, and was not loaded")));
    }
    let path = given.map_or(NAME.as_ref(), Path::as_os_str);
    Nvml::builder().lib_path(path).init().map_err(|error| describe(&error))
}

/// What an error means for the log.
pub(super) fn describe(error: &NvmlError) -> (Cause, String) {
    let reason = match error {
        NvmlError::LibloadingError(_) if IS_STATIC => format!("{STATIC}: {NAME} was not asked"),
        NvmlError::LibloadingError(_) => format!("no NVIDIA driver was found: {NAME} is not there"),
        NvmlError::FailedToLoadSymbol(_) => format!("{NAME} lacks a function that is needed: the driver is too old"),
        NvmlError::LibRmVersionMismatch => String::from("the NVIDIA driver and its library differ in version: restart the machine"),
        other => format!("NVML: {other}"),
    };
    let cause = match error {
        NvmlError::GpuLost | NvmlError::ResetRequired | NvmlError::Unknown => Cause::LostDevice,
        NvmlError::NoPermission | NvmlError::OperatingSystem => Cause::Permission,
        NvmlError::Timeout => Cause::Hang,
        _ => Cause::Absent,
    };
    (cause, reason)
}

/// Folders that the environment puts before the system's own.
fn search_path() -> Vec<PathBuf> {
    std::env::var_os("LD_LIBRARY_PATH").map(|paths| std::env::split_paths(&paths).collect()).unwrap_or_default()
}

/// Whether a file or a folder above it can be written by everyone: what lies there may be anyone's.
#[cfg(unix)]
fn is_world_writable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let Ok(path) = path.canonicalize() else { return true };
    let mode = |path: &Path| std::fs::metadata(path).map_or(0o002, |m| m.permissions().mode());
    // In a sticky folder nobody can replace what is another's.
    mode(&path) & 0o002 != 0 || path.ancestors().skip(1).any(|folder| mode(folder) & 0o1002 == 0o002)
}

#[cfg(not(unix))]
fn is_world_writable(_: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_everybody_can_write_is_not_trusted() {
        let folder = std::env::temp_dir().join(format!("carbon-report-library-{}", std::process::id()));
        let file = folder.join(NAME);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(&file, "").expect("a file");
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
        let mut found = Vec::new();
        for (of_folder, of_file) in [(0o755, 0o644), (0o755, 0o666), (0o777, 0o644), (0o1777, 0o644), (0o775, 0o664)] {
            set(&folder, of_folder);
            set(&file, of_file);
            found.push(is_world_writable(&file));
        }
        fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(found, [false, true, true, false, false]);
        assert!(is_world_writable(&file), "what can't be looked at is not trusted");
    }
}

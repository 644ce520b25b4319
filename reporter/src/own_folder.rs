//! Folders of their own for what a process needs for a while. Each is held by the process that made it, and goes with it; what a killed one left is removed by the
//! next one of its kind.

use std::fs::{self, DirBuilder};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

/// So many names are tried.
const ATTEMPTS: u32 = 100;

/// A folder that nobody else can look into.
#[derive(Debug)]
pub struct OwnFolder {
    /// Where it is.
    pub path: PathBuf,
    /// Held as long as its maker lives, so that another one can tell it from what was left, whatever numbers processes have there.
    #[cfg(unix)]
    _lock: Option<fs::File>,
}

impl OwnFolder {
    /// A new one in `place`, whose name begins so; first, those that killed processes left there are removed.
    ///
    /// # Errors
    /// Where none can be made.
    pub fn new(place: &Path, prefix: &str) -> io::Result<Self> {
        remove_stale(place, prefix);
        #[cfg_attr(not(unix), allow(unused_mut))]
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        for _ in 0..ATTEMPTS {
            // Nobody knows the name before it is there.
            let random = RandomState::new().build_hasher().finish() & 0xffff_ffff;
            let path = place.join(format!("{prefix}{}-{random:08x}", std::process::id()));
            match builder.create(&path) {
                Ok(()) => {
                    return Ok(Self {
                        #[cfg(unix)]
                        _lock: held(&path),
                        path,
                    });
                }
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for OwnFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The folder, once nobody else holds it.
#[cfg(unix)]
fn held(path: &Path) -> Option<fs::File> {
    use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};

    let folder = open(path, OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).ok()?;
    flock(&folder, FlockOperation::NonBlockingLockExclusive).ok()?;
    Some(folder.into())
}

/// The process that makes a folder of this name: `PID-NUMBER` after the prefix.
#[cfg(unix)]
fn maker(rest: &str) -> Option<rustix::process::Pid> {
    let (pid, number) = rest.split_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pid = pid.parse().ok().filter(|_| is_number && pid.bytes().all(|byte| byte.is_ascii_digit()))?;
    rustix::process::Pid::from_raw(pid)
}

/// Removes folders of ours by their names, of this user, of processes that are gone, and that nobody holds. What can't be removed does no harm.
#[cfg(unix)]
fn remove_stale(place: &Path, prefix: &str) {
    use std::os::unix::fs::MetadataExt;

    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(maker) = name.to_str().and_then(|name| name.strip_prefix(prefix)).and_then(maker) else { continue };
        // Of an entry, not of what a link leads to.
        let is_own = entry.metadata().is_ok_and(|entry| entry.is_dir() && entry.uid() == rustix::process::geteuid().as_raw());
        let is_gone = || rustix::process::test_kill_process(maker) == Err(rustix::io::Errno::SRCH);
        if is_own && is_gone() && held(&entry.path()).is_some() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(not(unix))]
fn remove_stale(_: &Path, _: &str) {}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_a_killed_process_left_goes_with_the_next_one() {
        let place = std::env::temp_dir().join(format!("carbon-report-left-{}", std::process::id()));
        fs::create_dir_all(place.join("elsewhere")).unwrap();
        // The largest number that a process can't have; one that lives; others' names, and a link.
        let dead = i32::MAX;
        let [stale, alive, other, named] =
            [format!("ours-{dead}-0a"), format!("ours-{}-ff", std::process::id()), format!("theirs-{dead}-0"), format!("ours-{dead}-x")]
                .map(|name| place.join(name));
        for folder in [&stale, &alive, &other, &named] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("marks"), "a").unwrap();
        }
        let link = place.join(format!("ours-{dead}-1"));
        symlink(place.join("elsewhere"), &link).unwrap();
        // Of a machine's other numbers for processes: somebody holds it.
        let foreign = place.join(format!("ours-{dead}-2"));
        fs::create_dir(&foreign).unwrap();
        let holder = held(&foreign);
        let first = OwnFolder::new(&place, "ours-").unwrap();
        let second = OwnFolder::new(&place, "ours-").unwrap();
        assert!(!stale.exists());
        for path in [&alive, &other, &named, &foreign, &first.path, &second.path, &place.join("elsewhere")] {
            assert!(path.is_dir(), "{}", path.display());
        }
        assert!(link.is_symlink());
        drop(holder);
        let own = second.path.clone();
        drop(second);
        assert!(!own.exists());
        drop(OwnFolder::new(&place, "ours-").unwrap());
        assert!(!foreign.exists() && first.path.exists());
        drop(first);
        fs::remove_dir_all(&place).unwrap();
    }
}

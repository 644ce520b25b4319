//! Makes a failing world smaller for as long as it fails in the same way, and saves what is left as a case.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::changes::Change;
use crate::check::{Expected, Law, check, lay_down};
use crate::files;
use crate::scene::World;

/// `about.toml` of a saved world.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Class of the world, and the law that it broke when it was saved.
    pub class: String,
    pub law: String,
    /// It was made from this seed and then cut down, so the seed alone does not make it again.
    pub seed: u64,
    /// What is wrong, where it is known and not mended yet: the law must not hold then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
    /// What is done to the files, and must change nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    pub expected: Expected,
}

/// No more worlds are tried than this.
const TRIES: usize = 300;

/// The smallest world that was found to break `law` still.
pub fn shrink(mut world: World, law: Law) -> World {
    let mut tries = 0;
    loop {
        let mut smaller = None;
        for candidate in steps(&world) {
            tries += 1;
            if tries > TRIES {
                return world;
            }
            if check(&candidate, &[law]).broken.iter().any(|(broken, _)| *broken == law) {
                smaller = Some(candidate);
                break;
            }
        }
        match smaller {
            Some(found) => world = found,
            None => return world,
        }
    }
}

/// Every world that is one step smaller: a logger less, a run less, a fault less, a device less, half the time, rounder powers.
fn steps(world: &World) -> Vec<World> {
    let mut all = Vec::new();
    let mut step = |change: &dyn Fn(&mut World)| {
        let mut smaller = world.clone();
        change(&mut smaller);
        all.push(smaller);
    };
    for at in 0..world.logs.len() {
        if world.logs.len() > 1 {
            step(&|w| {
                w.logs.remove(at);
            });
        }
    }
    for (at, log) in world.logs.iter().enumerate() {
        if log.sessions.len() > 1 {
            step(&|w| {
                w.logs[at].sessions.pop();
            });
        }
        for fault in 0..log.faults.len() {
            step(&|w| {
                w.logs[at].faults.remove(fault);
            });
        }
        if log.devices.len() > 1 {
            for device in 0..log.devices.len() {
                step(&|w| {
                    w.logs[at].devices.remove(device);
                });
            }
        }
        if log.jitter > 0 {
            step(&|w| w.logs[at].jitter = 0);
        }
        if !log.gains.is_empty() {
            step(&|w| w.logs[at].gains.clear());
        }
    }
    // Time goes for all loggers at once, so that they stay beside each other.
    if world.logs.iter().flat_map(|log| log.sessions.iter().map(move |s| (s.to - s.from) / log.period)).max().unwrap_or(0) > 3 {
        step(&|w| {
            for log in &mut w.logs {
                for session in &mut log.sessions {
                    let periods = ((session.to - session.from) / log.period / 2).max(2);
                    session.to = session.to.min(session.from + periods * log.period);
                    session.hole = session.hole.filter(|(_, to)| *to < session.to);
                }
            }
        });
    }
    for node in 0..world.nodes.len() {
        for device in 0..world.nodes[node].devices.len() {
            let load = &world.nodes[node].devices[device].load;
            if load.noise != 0 || load.low != load.high {
                step(&|w| {
                    let load = &mut w.nodes[node].devices[device].load;
                    (load.noise, load.low) = (0, load.high);
                });
            } else if load.high % 100_000 != 0 && load.high > 100_000 {
                // Hundreds of watts, which a reader can add up.
                step(&|w| {
                    let load = &mut w.nodes[node].devices[device].load;
                    load.high = load.high / 100_000 * 100_000;
                    load.low = load.high;
                });
            }
        }
    }
    all
}

/// `tests/worlds/`.
pub fn saved() -> PathBuf {
    carbon_tests::root().join("tests/worlds")
}

/// Saves a world as a case, beside those that are there.
pub fn save(world: &World, law: Law, known: Option<&str>) -> PathBuf {
    let name = format!("{}-{}", world.class, law.name());
    let folder =
        [name.clone(), format!("{name}-{}", world.seed)].map(|name| saved().join(name)).into_iter().find(|folder| !folder.exists());
    let folder = folder.unwrap_or_else(|| saved().join(format!("{name}-{}", world.seed)));
    let _ = fs::remove_dir_all(&folder);
    let written = files::write(world);
    lay_down(&folder, &written.files);
    let about = About {
        class: world.class.into(),
        law: law.name().into(),
        seed: world.seed,
        known: known.map(String::from),
        change: world.change,
        expected: Expected::of(world, &written),
    };
    fs::write(folder.join("about.toml"), toml::to_string(&about).expect("TOML")).expect("a file");
    folder
}

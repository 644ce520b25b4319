//! Charts as SVG text, drawn from the Report alone.
//!
//! They carry no style and no script: fills stand as attributes, readable on light and on dark, and as classes that a page's
//! style may overrule. Each says in words what it shows.

mod comparison;
mod energy;
mod interval;
mod power;
mod svg;

pub use comparison::comparison;
pub use energy::energy_by_component;
pub use interval::interval_bar;
pub use power::power_over_time;

/// Class and colour of a component, the same in every chart.
fn colour(component: &str) -> (&'static str, &'static str) {
    match component {
        "gpu" => ("cr-gpu", "#1b8a7a"),
        "cpu" => ("cr-cpu", "#4f7fbf"),
        "memory" => ("cr-memory", "#d1912f"),
        "network" => ("cr-network", "#9a6fb5"),
        "node" => ("cr-node", "#a8705a"),
        "building" => ("cr-building", "#8a949e"),
        _ => ("cr-other", "#7c8f5a"),
    }
}

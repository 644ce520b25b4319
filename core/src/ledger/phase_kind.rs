//! What a stretch of work was for.

use serde::{Deserialize, Serialize};

/// What a phase was for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhaseKind {
    /// Evaluation and testing.
    Evaluation,
    /// Trials before the run that counts: search for architecture and hyperparameters, debugging.
    Experiments,
    /// Runs that crashed or were thrown away.
    Failed,
    /// The run that made the model.
    #[default]
    Final,
}

impl PhaseKind {
    /// `evaluation`, `experiments`, `failed` or `final`.
    pub const fn as_str(self) -> &'static str {
        match self {
            PhaseKind::Evaluation => "evaluation",
            PhaseKind::Experiments => "experiments",
            PhaseKind::Failed => "failed",
            PhaseKind::Final => "final",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            PhaseKind::Evaluation => "Evaluation",
            PhaseKind::Experiments => "Experiments",
            PhaseKind::Failed => "Failed runs",
            PhaseKind::Final => "Final run",
        }
    }
}

//! What the intervals are made of.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::factor::Evaluation;

model! {
    /// Level and composition of the intervals.
    pub struct IntervalMethod {
        /// 0.95.
        pub level: f64,
        /// How terms are combined, in words.
        pub method: String,
        /// Share of each term in the variance of the emissions total.
        pub budget: Vec<BudgetTerm>,
    }

    /// One term of the uncertainty budget.
    pub struct BudgetTerm {
        /// `sensor`, `sampling`, `coverage` (gaps, wraps, open identities), `estimation`, `rest` (what no log shows of the computers), `pue`,
        /// `carbon_intensity`, `hours` (the run's against the year's) or `embodied`.
        pub term: String,
        /// The term's own 95 % half-width, percent of the total: the mean of both ends on the logarithm.
        pub half_width_percent: f64,
        /// By how much the total may be lower for this term alone, percent (95 %): 0 or negative.
        #[serde(default)]
        pub low_percent: f64,
        /// By how much the total may be higher for this term alone, percent (95 %).
        #[serde(default)]
        pub high_percent: f64,
        /// Share of the variance, 0 to 1.
        pub share: f64,
        /// What it covers, in words.
        pub reason: String,
        /// The causes that it is made of, the largest first.
        pub causes: Vec<BudgetCause>,
    }

    /// One cause of a term of the budget: everything that it concerns is off by one factor.
    pub struct BudgetCause {
        /// What it is, and what it rests on.
        pub cause: String,
        /// By how much the total may be lower for it alone, percent (95 %).
        pub low_percent: f64,
        /// By how much the total may be higher for it alone, percent (95 %).
        pub high_percent: f64,
        /// `A` from the scatter of observations, `B` from anything else (JCGM 100:2008, 3.3.4).
        pub evaluation: Evaluation,
        /// Id in `sources`; absent where it is the data themselves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub source: Option<String>,
    }
}

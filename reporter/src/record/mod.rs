//! The native sampler: a program runs, and beside it a thread that writes down what the machine's sensors say.
//!
//! The program comes first. Whatever happens to the recorder (a full disk, a sensor that hangs, `kill -9`) costs samples, never the run.

pub mod attribution;
pub mod clocks;
pub mod follow;
pub mod mailbox;
pub mod program;
pub mod sampler;
pub mod scribe;
#[cfg(unix)]
pub mod signals;
pub mod sink;
pub mod source;
pub mod summary;
pub mod supervise;

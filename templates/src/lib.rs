//! Turns a Report into documents.

//! Byte work that readers share: encodings, cells of a line, tables.

pub mod cells;
pub mod crc32c;
pub mod encoding;
pub mod head;
pub mod json;
pub mod json_objects;
pub(crate) mod json_text;
pub mod quantity;
pub mod table;

//! Markdown to HTML.

use wasm_bindgen::prelude::*;

/// HTML of Markdown, sanitised.
#[wasm_bindgen]
pub fn markdown_to_html(markdown: &str) -> String {
    carbon_render::markdown_to_html(markdown)
}

//! What generators of sites take for their own before they read Markdown, code and front matter included: mdBook and Hugo, Jinja and Liquid.

const ORDERS: [&str; 3] = ["{{", "{%", "{#"];

/// Whether a generator would find something to do in `text`.
pub fn holds_order(text: &str) -> bool {
    ORDERS.iter().any(|order| text.contains(order))
}

/// `text` with `between` inside of every order.
pub fn without_orders(text: &str, between: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        if before == Some('{') && matches!(c, '{' | '%' | '#') {
            out.push_str(between);
        }
        out.push(c);
        before = Some(c);
    }
    out
}

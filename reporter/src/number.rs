//! A number that a flag is given.

/// A decimal number, such as `1.5` or `2e3`; what it may be is for who asks.
///
/// # Errors
/// In words for people, where the text is none.
pub fn parse(text: &str) -> Result<f64, String> {
    text.trim().parse().map_err(|_| String::from("expected a number alone, such as 72 or 0.9"))
}

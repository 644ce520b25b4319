//! What a user may have meant by a name that is not known.

/// The candidate nearest to `asked`, when it is near: one change in three characters.
pub fn nearest<'c>(asked: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let asked = asked.to_lowercase();
    let limit = (asked.chars().count() / 3).max(1);
    let distance = |candidate: &str| strsim::osa_distance(&asked, &candidate.to_lowercase());
    candidates.into_iter().map(|c| (distance(c), c)).filter(|(d, _)| *d <= limit).min_by_key(|(d, _)| *d).map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_only() {
        let keys = ["region", "pue", "interval"];
        assert_eq!(nearest("regoin", keys), Some("region"));
        assert_eq!(nearest("Interval", keys), Some("interval"));
        assert_eq!(nearest("colour", keys), None);
    }
}

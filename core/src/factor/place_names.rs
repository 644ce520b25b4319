//! Other names of places, as people, trackers and geolocation services write them.

/// Member states of the European Union since 2020.
pub(super) const EU_MEMBERS: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL",
    "PT", "RO", "SE", "SI", "SK",
];

/// (name, zone): names as [`fold`](super::fold) leaves them, beside the names that the tables have. Sorted.
pub(super) const OTHER_NAMES: &[(&str, &str)] = &[
    ("america", "US"),
    ("bolivia plurinational state of", "BO"),
    ("brunei darussalam", "BN"),
    ("burma", "MM"),
    ("cabo verde", "CV"),
    ("china mainland", "CN"),
    ("congo brazzaville", "CG"),
    ("congo democratic republic of the", "CD"),
    ("congo kinshasa", "CD"),
    ("congo the democratic republic of the", "CD"),
    ("czech republic", "CZ"),
    ("democratic peoples republic of korea", "KP"),
    ("democratic republic of the congo", "CD"),
    ("deutschland", "DE"),
    ("dr congo", "CD"),
    ("el", "GR"),
    ("england", "GB"),
    ("eu", "EU27"),
    ("eu 27", "EU27"),
    ("europe", "EU27"),
    ("global", "WORLD"),
    ("great britain", "GB"),
    ("holland", "NL"),
    ("hong kong sar china", "HK"),
    ("iran islamic republic of", "IR"),
    ("islamic republic of iran", "IR"),
    ("ivory coast", "CI"),
    ("korea", "KR"),
    ("korea democratic peoples republic of", "KP"),
    ("korea republic of", "KR"),
    ("lao peoples democratic republic", "LA"),
    ("macau", "MO"),
    ("macedonia", "MK"),
    ("mainland china", "CN"),
    ("micronesia federated states of", "FM"),
    ("moldova republic of", "MD"),
    ("northern ireland", "GB"),
    ("palestinian territory", "PS"),
    ("peoples republic of china", "CN"),
    ("prc", "CN"),
    ("republic of congo", "CG"),
    ("republic of korea", "KR"),
    ("republic of moldova", "MD"),
    ("republic of the congo", "CG"),
    ("russian federation", "RU"),
    ("schweiz", "CH"),
    ("scotland", "GB"),
    ("state of palestine", "PS"),
    ("swaziland", "SZ"),
    ("syrian arab republic", "SY"),
    ("taiwan province of china", "TW"),
    ("tanzania united republic of", "TZ"),
    ("timor leste", "TL"),
    ("turkiye", "TR"),
    ("uae", "AE"),
    ("uk", "GB"),
    ("united kingdom of great britain and northern ireland", "GB"),
    ("united republic of tanzania", "TZ"),
    ("united states of america", "US"),
    ("us virgin islands", "VI"),
    ("usa", "US"),
    ("venezuela bolivarian republic of", "VE"),
    ("viet nam", "VN"),
    ("wales", "GB"),
    ("washington dc", "US-DC"),
    ("wld", "WORLD"),
];

/// The zone of another name, given as [`fold`](super::fold) leaves it.
pub(super) fn other_name(folded: &str) -> Option<&'static str> {
    let place = OTHER_NAMES.binary_search_by(|(name, _)| (*name).cmp(folded)).ok()?;
    OTHER_NAMES.get(place).map(|(_, zone)| *zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_folded() {
        assert!(OTHER_NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (name, zone) in OTHER_NAMES {
            assert_eq!(&super::super::fold(name), name);
            assert_eq!(other_name(name), Some(*zone));
        }
    }
}

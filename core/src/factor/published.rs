//! Addresses of the publications that the tables cite, read while core is compiled. A report may have been edited by hand and name others: links lead to none of them.

/// The table as text; addresses stand in its last column.
const TABLE: &[u8] = carbon_data::SOURCES.as_bytes();

/// Where the last cell of the line begins that ends at `end`.
const fn last_cell(end: usize) -> usize {
    let mut at = end;
    while at > 0 && TABLE[at - 1] != b',' && TABLE[at - 1] != b'\n' {
        at -= 1;
    }
    at
}

/// How long all addresses are, with an end each.
const LENGTH: usize = {
    let (mut at, mut length) = (0, 0);
    while at < TABLE.len() {
        if TABLE[at] == b'\n' {
            length += at - last_cell(at) + 1;
        }
        at += 1;
    }
    length
};

/// All of them, one a line.
static ADDRESSES: [u8; LENGTH] = {
    let (mut all, mut filled, mut at) = ([b'\n'; LENGTH], 0, 0);
    while at < TABLE.len() {
        if TABLE[at] == b'\n' {
            let mut from = last_cell(at);
            while from < at {
                all[filled] = TABLE[from];
                (filled, from) = (filled + 1, from + 1);
            }
            filled += 1;
        }
        at += 1;
    }
    all
};

/// Whether an address is one that the tables cite.
pub fn is_published(address: &str) -> bool {
    address.starts_with("https://") && ADDRESSES.split(|byte| *byte == b'\n').any(|own| own == address.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::FactorSet;

    #[test]
    fn every_source_is_and_nothing_else() {
        let factors = FactorSet::from_tables(carbon_data::TABLES).expect("tables");
        let ids = carbon_data::SOURCES.lines().skip(1).filter_map(|line| line.split(',').next());
        let addresses: alloc::vec::Vec<_> = ids.filter_map(|id| factors.source(id)).map(|source| source.url).collect();
        assert!(addresses.len() > 50 && addresses.iter().all(|address| is_published(address)));
        for address in &addresses {
            let longer = alloc::format!("{address}x");
            assert!(!is_published(&longer) && !is_published(&address[..address.len() - 1]), "{address}");
        }
        for address in ["", "url", "https://", "https://evil.example/", "javascript:alert(1)"] {
            assert!(!is_published(address), "{address}");
        }
    }
}

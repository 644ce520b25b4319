//! Lists of what a log or a folder has thousands of: they grow by a quarter, where the standard library doubles, so that at most a fifth of their room is empty.

use alloc::vec::Vec;

/// Adds a value to a list.
pub(crate) fn push<T>(list: &mut Vec<T>, value: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len() / 4 + 4);
    }
    list.push(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_empty() {
        let mut list = Vec::new();
        for value in 0..10_000_usize {
            push(&mut list, value);
            assert!(list.capacity() <= list.len() + list.len() / 4 + 4, "{}", list.len());
        }
        assert!(list.iter().copied().eq(0..10_000));
    }
}

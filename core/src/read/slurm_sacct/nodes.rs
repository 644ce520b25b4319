//! Nodes of a job as its steps name them: those that always stand together are one kind, so that a step of a thousand nodes costs what one of one node does.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::bounds;
use crate::map::{Map, Set};
use crate::order;

/// A list of nodes longer than this is taken for one node of its own name.
const MOST_NODES: usize = 4096;

/// So is one whose numbers have more digits, or whose names are longer than this: no cluster has such.
const WIDEST: usize = 9;
const LONGEST_NAME: usize = 64;

/// Nodes by kind, and which kinds stand in each list.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    lists: Map<String, Vec<usize>>,
    /// How many nodes are of a kind.
    sizes: Vec<i64>,
    /// A list was taken for one node.
    pub(super) is_cut: bool,
}

impl Nodes {
    /// The nodes of all lists. Where steps name more than may be told apart, together, each list is one node.
    pub(super) fn of<'l>(lists: impl Iterator<Item = &'l str> + Clone) -> Nodes {
        // Of steps that do not say it, all may be on one.
        let lists = lists.chain([""]);
        let mut most = usize::try_from(bounds::SLURM_NODES.value).unwrap_or(usize::MAX);
        let nodes = Self::apart(lists.clone(), &mut most);
        let places: usize = lists.clone().map(|list| nodes.of_list(list).count()).fold(0, usize::saturating_add);
        if most == 0 || places as u64 > bounds::SLURM_NODES.value {
            return Nodes { is_cut: true, ..Self::apart(lists, &mut 0) };
        }
        nodes
    }

    /// The nodes of all lists; those that name several are one node each, once `most` are named.
    fn apart<'l>(lists: impl Iterator<Item = &'l str>, most: &mut usize) -> Nodes {
        let mut numbers: Map<String, usize> = Map::new();
        // The kind of each node; those of the first are in no list yet.
        let mut kinds: Vec<usize> = Vec::new();
        let mut count = 1;
        let mut members: Vec<(&str, Vec<usize>)> = Vec::new();
        let mut seen = Set::new();
        for list in lists {
            if !seen.insert(list) {
                continue;
            }
            let mut own = names(list);
            *most = most.saturating_sub(if own.len() > 1 { own.len() } else { 0 });
            if *most == 0 {
                own = Vec::from([list.to_string()]);
            }
            let mut split: Map<usize, usize> = Map::new();
            let mut ids = Vec::with_capacity(own.len());
            for name in own {
                let next = kinds.len();
                let id = *numbers.entry(name).or_insert(next);
                if id == next {
                    kinds.push(0);
                }
                let Some(kind) = kinds.get_mut(id) else { continue };
                // Nodes of a kind that stand in the list are a kind of their own from here on.
                *kind = *split.entry(*kind).or_insert(count);
                count = count.max(*kind + 1);
                ids.push(id);
            }
            members.push((list, ids));
        }
        let mut nodes = Nodes::default();
        nodes.sizes.resize(count, 0);
        for kind in &kinds {
            if let Some(size) = nodes.sizes.get_mut(*kind) {
                *size += 1;
            }
        }
        for (list, ids) in members {
            let mut own: Vec<usize> = ids.into_iter().filter_map(|id| kinds.get(id).copied()).collect();
            order::sort(&mut own);
            own.dedup();
            nodes.lists.insert(list.to_string(), own);
        }
        nodes
    }

    /// How many kinds there are.
    pub(super) fn kinds(&self) -> usize {
        self.sizes.len()
    }

    /// The kinds of a list, each with the number of its nodes.
    pub(super) fn of_list(&self, list: &str) -> impl Iterator<Item = (usize, i64)> {
        self.lists.get(list).into_iter().flatten().filter_map(|kind| Some((*kind, *self.sizes.get(*kind)?)))
    }
}

/// The nodes of a list, `node[01-03,7],login1`.
pub(crate) fn names(whole: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let parts = whole.split(|c: char| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        c == ',' && depth == 0
    });
    for part in parts {
        match expanded(part) {
            Some(own) if names.len() + own.len() <= MOST_NODES => names.extend(own),
            _ => return Vec::from([whole.to_string()]),
        }
    }
    order::sort(&mut names);
    names.dedup();
    names
}

/// `node[01-03,7]-gpu`: one range of numbers, which keep their width. Nothing where it is more than that.
fn expanded(part: &str) -> Option<Vec<String>> {
    let Some((before, rest)) = part.split_once('[') else { return Some(Vec::from([part.to_string()])) };
    let (inside, after) = rest.split_once(']')?;
    if after.contains('[') {
        return None;
    }
    let mut names = Vec::new();
    for range in inside.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (from, to) = (first.parse::<usize>().ok()?, last.parse::<usize>().ok()?);
        let width = first.len();
        if to < from || to - from > MOST_NODES || names.len() > MOST_NODES || width > WIDEST || before.len() + after.len() > LONGEST_NAME {
            return None;
        }
        names.extend((from..=to).map(|number| format!("{before}{number:0width$}{after}")));
    }
    Some(names)
}

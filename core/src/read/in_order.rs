//! Rows out of order, which are read again and put in order of time.

use alloc::format;
use alloc::vec::Vec;

use super::{Doubt, Reading, Rounds, SkipReason};
use crate::bounds::{Bound, Bounds};
use crate::map::Index;
use crate::note;
use crate::series::{Channel, Device, InOrder, InRounds, Ordered, Series};

impl Reading {
    /// Collects samples instead of integrating them, so that they can be put in order of time.
    pub fn queue_samples(&mut self) {
        self.queue = Some(Vec::new());
    }

    /// Says that the log begins anew at an earlier time than what was read: a copy of it, another machine's log, or a clock that was set back.
    pub(crate) fn header_before_earlier(&mut self) {
        self.series.iter_mut().for_each(Series::header_before_earlier);
    }

    /// Passes on the samples collected since the last call.
    pub fn drain_into(&mut self, sorter: &mut InOrder) {
        if let Some(queue) = &mut self.queue {
            if let Some(shuffled) = self.shuffled {
                sorter.look_for_places(shuffled);
            }
            sorter.take(queue.drain(..), |number| self.series.get(number as usize).map(Series::channel));
        }
    }

    /// Whether rows are out of order beyond what is sorted while reading: the file is to be read again in order of time.
    pub fn is_unordered(&self) -> bool {
        self.shuffled.is_some() || self.series.iter().any(Series::is_unordered)
    }

    /// Puts series that were read in order of time in the place of its own.
    pub fn put_in_order(&mut self, ordered: Ordered) {
        let Ordered { mut series, rounds } = ordered;
        let coarsest = self.series.iter().map(Series::printed_step).max().unwrap_or_default();
        for one in &mut series {
            let known = self.known(one.channel()).and_then(|id| self.series.get(id.0));
            one.set_printed_step(known.map_or(coarsest, Series::printed_step));
        }
        let duplicates = |all: &[Series]| all.iter().map(|s| s.counts().duplicates).sum::<u64>();
        let known = if self.shuffled.is_some() { 0 } else { duplicates(&self.series) };
        let found = duplicates(&series) + rounds.iter().map(|found| found.duplicates).sum::<u64>();
        let more = self.rows_of(found.saturating_sub(known));
        self.rows.demote(SkipReason::Duplicate, 0, more);
        if more > 0 {
            let rows = self.rows_of(found).max(1);
            self.notes.add(&note::DUPLICATE_ROWS, "", None, || format!("{rows} rows that repeat a reading"));
        }
        self.series = series;
        self.index = Index::default();
        self.note_wraps_again();
        if let Some(shuffled) = self.shuffled.take() {
            self.tell_rounds(&rounds, shuffled.named);
        }
    }

    /// Rows in no order, once they are in order: what is said of rows that came so.
    fn tell_rounds(&mut self, found: &[InRounds], named: bool) {
        for one in found.iter().filter(|one| one.size > 1) {
            self.devices.retain(|(component, device)| *component != one.channel.component || *device != one.channel.device);
        }
        for Channel { component, device, .. } in self.series.iter().map(Series::channel).filter(|channel| channel.device.place.is_some()) {
            if !self.devices.iter().any(|known| known.0 == *component && known.1 == *device) {
                self.devices.push((*component, device.clone()));
            }
        }
        // Channels of one row come as one.
        let mut all: Option<Rounds> = None;
        for one in found.iter().filter(|one| one.size > 1) {
            let rounds = all.get_or_insert(Rounds { size: 0, regular: 0, all: 0, repeats_names: named });
            rounds.size = rounds.size.max(one.size);
            rounds.regular += one.regular;
            rounds.all += one.all;
        }
        self.rounds = all;
        let (mut perhaps, mut beyond) = (1, None);
        for one in found {
            let times = match (one.perhaps, one.alike) {
                (2.., _) => (u32::from(one.perhaps), 1),
                (_, 2..) if named => continue,
                (_, 2..) if one.copies > 1 => (u32::from(one.alike), 1),
                (_, 2..) => (1, u32::from(one.alike)),
                _ => continue,
            };
            perhaps = perhaps.max(times.0.max(times.1));
            beyond = beyond.or(one.beyond);
            let of_channel = |channel: &Channel| {
                let device = Device { place: None, ..channel.device.clone() };
                Channel { device, ..channel.clone() } == one.channel
            };
            let channels = self.series.iter().map(Series::channel).filter(|channel| of_channel(channel));
            self.doubts.extend(channels.map(|channel| Doubt { channel: channel.clone(), times }));
        }
        self.note_rounds();
        let bounds = Bounds::default();
        self.note_perhaps(u16::try_from(perhaps).unwrap_or(u16::MAX), named, beyond.map(|bound| (bound, &bounds)));
    }

    /// Says that devices were told apart by their place in the round.
    pub(super) fn note_rounds(&mut self) {
        let Some(Rounds { size, regular, all, repeats_names }) = self.rounds else { return };
        self.notes.add(&note::DEVICES_BY_PLACE, "", None, || match repeats_names {
            true => format!("each device has {size} rows in a round, with readings of their own: rows of {size} machines"),
            false => {
                format!("rows come in rounds as of {size} devices ({regular} of {all} rounds are whole), and nothing names the devices")
            }
        });
    }

    /// Says that there may be more devices than count, or fewer.
    pub(super) fn note_perhaps(&mut self, perhaps: u16, named: bool, beyond: Option<(&Bound, &Bounds)>) {
        if perhaps < 2 {
            return;
        }
        self.perhaps = Some(perhaps);
        self.notes.add(&note::DEVICES_INDISTINCT, "", None, || match named {
            true => format!("rows come as of {perhaps} samplers, and their readings are alike: one device, or {perhaps} that do the same"),
            false => format!("rows come as of about {perhaps} devices, and nothing names them: one device, or {perhaps}"),
        });
        if let Some((bound, bounds)) = beyond {
            let lost = format!("rows come as of {perhaps} devices and count as one, and the interval holds as many");
            self.beyond(bound, bounds, None, &lost);
        }
    }
}

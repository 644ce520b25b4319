//! The devices that the rows of a table are of.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::plan::Meter;
use crate::bounds;
use crate::decode::cells::Cells;
use crate::decode::{encoding, table};
use crate::map::Map;
use crate::order::is_same;
use crate::read::{ChannelId, Reading};
use crate::series::{Channel, Component, Device};
use crate::sparing;
use crate::units::Instant;

/// Where a row names its host and its device. The first that is there identifies the device: uuid, bus id, serial, index, model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::read) struct Identity {
    /// The run that the row is of, which goes on from no other.
    pub run: Option<usize>,
    /// Host name.
    pub host: Option<usize>,
    /// Unique id.
    pub uuid: Option<usize>,
    /// PCI bus id.
    pub bus_id: Option<usize>,
    /// Serial.
    pub serial: Option<usize>,
    /// Number.
    pub index: Option<usize>,
    /// Model.
    pub model: Option<usize>,
}

impl Identity {
    /// The columns in the order in which they identify.
    pub(in crate::read) fn columns(&self) -> [Option<usize>; 5] {
        [self.uuid, self.bus_id, self.serial, self.index, self.model]
    }

    /// Every column that is looked at.
    pub(in crate::read) fn uses(&self, position: usize) -> bool {
        self.columns().contains(&Some(position)) || [self.host, self.run].contains(&Some(position))
    }

    /// Writes what identifies the row's device into `key`, and returns the column that it was read from.
    pub(in crate::read) fn key(&self, cells: &Cells, line: &[u8], key: &mut Vec<u8>) -> Option<usize> {
        key.clear();
        if let Some(run) = self.run.and_then(|p| cells.cell(line, p)) {
            key.extend_from_slice(run);
            key.push(0);
        }
        if let Some(host) = self.host.and_then(|p| cells.cell(line, p)) {
            key.extend_from_slice(host);
            key.push(0);
        }
        for (kind, position) in (1u8..).zip(self.columns()) {
            let Some(position) = position else { continue };
            if let Some(cell) = cells.cell(line, position)
                && !table::is_missing(cell)
                && (kind == INDEX || kind == MODEL || !is_blanked_out(cell))
            {
                key.push(kind);
                key.extend_from_slice(cell);
                return Some(position);
            }
        }
        None
    }

    /// The host and the device that a row names. `number` is the device's own: a name that is cut ends in it, so that names which begin alike stay
    /// apart. Whether one was cut stands beside.
    pub(in crate::read) fn device(&self, cells: &Cells, line: &[u8], place: Option<u16>, number: usize) -> (Option<String>, Device, bool) {
        let mut is_cut = false;
        let mut id = |position: Option<usize>| {
            let (mut name, cut) = text(cells, line, position)?;
            if cut {
                is_cut = true;
                name.push_str(&format!("#{number}"));
            }
            Some(name)
        };
        let [uuid, bus_id, serial, index] = [self.uuid, self.bus_id, self.serial, self.index].map(&mut id);
        let named = [&uuid, &bus_id, &serial, &index].into_iter().any(Option::is_some);
        let model = if named { text(cells, line, self.model).map(|(model, _)| model) } else { id(self.model) };
        let device = Device {
            uuid: uuid.filter(|uuid| !is_blanked_out(uuid.as_bytes())),
            bus_id,
            serial: serial.filter(|serial| !is_blanked_out(serial.as_bytes())),
            index: index.map(Device::number),
            model,
            place,
        };
        (text(cells, line, self.host).map(|(host, _)| host), device, is_cut)
    }
}

/// Kinds of [`Identity::columns`], counted from 1, that may be all zeros.
const INDEX: u8 = 4;
const MODEL: u8 = 5;

/// `0`, `00000000`, `GPU-00000000-0000-0000-0000-000000000000`: an id that boards lack or that was blanked out before sharing.
pub(in crate::read) fn is_blanked_out(id: &[u8]) -> bool {
    let digits = id.strip_prefix(b"GPU-").unwrap_or(id);
    digits.iter().all(|b| matches!(b, b'0' | b'-'))
}

/// A name, and whether it was longer and is cut.
fn text(cells: &Cells, line: &[u8], position: Option<usize>) -> Option<(String, bool)> {
    let cell = cells.cell(line, position?)?;
    let most = usize::try_from(bounds::NAME_BYTES.value).unwrap_or(usize::MAX);
    let cut = cell.get(..most).filter(|cut| cut.len() < cell.len());
    (!table::is_missing(cell)).then(|| (encoding::text(cut.unwrap_or(cell)), cut.is_some()))
}

/// A device of the table and its channels, one for each meter of the plan.
#[derive(Clone, Debug)]
pub(in crate::read) struct KnownDevice {
    pub host: Option<String>,
    pub device: Device,
    /// The part of the computer that it names instead of a device: `cpu`, `gpu0`.
    pub part: Option<(Component, Option<String>)>,
    pub channels: Vec<Option<ChannelId>>,
    /// The column that gave the first reading of each meter.
    pub columns: Vec<Option<usize>>,
    /// Whether the first reading of each meter was read, in this recording.
    pub begun: Vec<bool>,
    /// Of each meter whose rows say how long they lasted, where the last one ended.
    pub ended: Vec<Option<Instant>>,
    /// Of each meter whose power holds until the next reading, what holds.
    pub held: Vec<Option<i64>>,
    /// Of each meter that had no reading yet, the first row that has none.
    pub awaited: Vec<Option<Instant>>,
    /// The time of the last row, µs, for tables without a clock.
    pub elapsed: Option<i64>,
    key: Vec<u8>,
}

impl KnownDevice {
    /// A row of the device is there, and a reading of it is not.
    #[cold]
    pub(super) fn has_no_reading(&mut self, meter: usize, at: Instant, out: &mut Reading) {
        match self.channels.get(meter).copied().flatten() {
            Some(id) => out.has_no_reading(id, at),
            None => {
                if let Some(awaited) = self.awaited.get_mut(meter) {
                    awaited.get_or_insert(at);
                }
            }
        }
    }
}

/// All devices of a table.
#[derive(Clone, Debug, Default)]
pub(in crate::read) struct Devices {
    known: Vec<KnownDevice>,
    by_key: Map<Vec<u8>, usize>,
    last: usize,
}

impl Devices {
    /// The time of a device's next row in a table without a clock: as much after the one before as it lasted, µs.
    pub(in crate::read) fn tick(&mut self, device: usize, lasted: i64) -> Instant {
        let Some(known) = self.get_mut(device) else { return Instant::from_micros(0) };
        let begun = known.elapsed.map_or(0, |elapsed| elapsed.saturating_add(lasted));
        known.elapsed = Some(begun);
        Instant::from_micros(begun)
    }

    /// The device of `key`; rows mostly come round the devices in turn.
    pub(in crate::read) fn find(&mut self, key: &[u8]) -> Option<usize> {
        let next = if self.last + 1 < self.known.len() { self.last + 1 } else { 0 };
        let guess = [next, self.last].into_iter().find(|i| self.known.get(*i).is_some_and(|known| is_same(&known.key, key)));
        let found = guess.or_else(|| self.by_key.get(key).copied())?;
        self.last = found;
        Some(found)
    }

    /// How many there are.
    pub(in crate::read) fn len(&self) -> usize {
        self.known.len()
    }

    /// Takes in a new device.
    pub(in crate::read) fn add(
        &mut self,
        key: &[u8],
        (host, device): (Option<String>, Device),
        part: Option<(Component, Option<String>)>,
        meters: usize,
    ) -> usize {
        let position = self.known.len();
        sparing::push(
            &mut self.known,
            KnownDevice {
                host,
                part,
                device,
                channels: alloc::vec![None; meters],
                columns: alloc::vec![None; meters],
                begun: alloc::vec![false; meters],
                ended: alloc::vec![None; meters],
                held: alloc::vec![None; meters],
                awaited: alloc::vec![None; meters],
                elapsed: None,
                key: key.to_vec(),
            },
        );
        self.by_key.insert(key.to_vec(), position);
        self.last = position;
        position
    }

    pub(in crate::read) fn get_mut(&mut self, position: usize) -> Option<&mut KnownDevice> {
        self.known.get_mut(position)
    }

    pub(in crate::read) fn get(&self, position: usize) -> Option<&KnownDevice> {
        self.known.get(position)
    }

    /// Channels of which a row had no reading, and none had one since.
    pub(super) fn awaited(&self, meters: &[Meter]) -> Vec<Channel> {
        let of = |known: &KnownDevice| {
            let unread = known.awaited.iter().zip(meters).filter(|(since, _)| since.is_some());
            let channel = |(_, meter): (_, &Meter)| {
                let (component, device) = meter.of(known);
                meter.channel(known.host.clone(), component, device)
            };
            unread.map(channel).collect::<Vec<_>>()
        };
        self.known.iter().flat_map(of).collect()
    }

    /// Forgets channels: for another [`Reading`](crate::read::Reading).
    pub(in crate::read) fn forget_channels(&mut self) {
        for known in &mut self.known {
            known.channels.fill(None);
        }
    }

    /// Another recording begins.
    pub(in crate::read) fn begin_anew(&mut self) {
        self.known.iter_mut().for_each(|known| known.begun.fill(false));
    }

    /// For another plan of `meters` meters.
    pub(in crate::read) fn forget_meters(&mut self, meters: usize) {
        for known in &mut self.known {
            known.channels = alloc::vec![None; meters];
            known.columns = alloc::vec![None; meters];
            known.begun = alloc::vec![false; meters];
            known.ended = alloc::vec![None; meters];
            known.held = alloc::vec![None; meters];
            known.awaited = alloc::vec![None; meters];
        }
    }
}

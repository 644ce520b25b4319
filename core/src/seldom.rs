//! What is seldom other than its default, in a struct of which there are thousands: there it takes the room of a pointer until it is.

use alloc::boxed::Box;

/// A value that is its default as a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seldom<T>(Option<Box<T>>);

impl<T: Copy + Default + PartialEq> Seldom<T> {
    /// That holds a value.
    pub fn of(value: T) -> Self {
        Self((value != T::default()).then(|| Box::new(value)))
    }

    /// The value.
    pub fn get(&self) -> T {
        self.0.as_deref().copied().unwrap_or_default()
    }

    /// Changes the value.
    pub fn change(&mut self, change: impl FnOnce(&mut T)) {
        let mut value = self.get();
        change(&mut value);
        *self = Self::of(value);
    }
}

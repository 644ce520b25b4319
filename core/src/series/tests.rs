use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn power_channel() -> Channel {
    Channel {
        host: None,
        component: Component::Gpu,
        device: Device::indexed("0"),
        quantity: Quantity::Power,
        instrument: Instrument::GpuPower,
        run: None,
    }
}

fn series(channel: Channel, samples: &[(i64, i64)]) -> Series {
    let mut series = Series::new(channel);
    for &(at, value) in samples {
        series.push(Sample { at: Instant::from_micros(at), value });
    }
    series.flush();
    series
}

/// Of its only recording.
fn integral(series: &Series, fill_gaps: bool) -> Integral {
    assert_eq!(series.recordings().count(), 1);
    series.open.integral(series.channel.quantity, fill_gaps)
}

#[test]
fn a_trapezoid_by_hand() {
    // 100 W to 200 W in one second, then 200 W for two: 150 J + 400 J.
    let s = series(power_channel(), &[(0, 100_000_000), (1_000_000, 200_000_000), (3_000_000, 200_000_000)]);
    let i = integral(&s, false);
    assert_eq!(i.energy, Energy::from_joules(550));
    assert_eq!(i.covered, Span::from_seconds(3));
    assert_eq!(i.profile.total(), 2 * i.energy.as_picojoules());
}

#[test]
fn a_gap_is_left_out_and_told() {
    let mut samples: Vec<(i64, i64)> = (0..10).map(|s| (s * 1_000_000, 100_000_000)).collect();
    samples.extend((0..10).map(|s| ((7200 + s) * 1_000_000, 100_000_000)));
    let s = series(power_channel(), &samples);
    let i = integral(&s, false);
    assert_eq!(i.energy, Energy::from_joules(1800));
    assert_eq!((i.gap_count, i.gaps), (1, Span::from_seconds(7191)));
    assert_eq!(i.gap_energy, Energy::from_joules(719_100));
    assert_eq!(s.energy(true), Energy::from_joules(1800 + 719_100));
}

#[test]
fn rows_out_of_order_are_told_and_a_counter_whose_clock_was_set_back_goes_on() {
    let mut samples: Vec<(i64, i64)> = (100..160).map(|s| (s * 1_000_000, 100_000_000)).collect();
    samples.extend((123..183).map(|s| (s * 1_000_000, 100_000_000)));
    let s = series(power_channel(), &samples);
    assert_eq!((s.counts().clock_steps, s.is_unordered(), s.recordings().count()), (1, true, 2));
    let counter = Channel { quantity: Quantity::Counter(CounterRange::Unbounded), component: Component::Cpu, ..power_channel() };
    let rising: Vec<(i64, i64)> = samples.iter().enumerate().map(|(i, (at, _))| (*at, 5_000_000 * i as i64)).collect();
    let s = series(counter, &rising);
    assert_eq!((s.counts().clock_steps, s.is_unordered(), s.recordings().count()), (1, false, 1));
    assert_eq!(s.energy(false), Energy::from_joules(5 * 119));
}

#[test]
fn nothing_is_bridged_between_recordings() {
    let (mut power, mut counter) = (
        Series::new(power_channel()),
        Series::new(Channel { quantity: Quantity::Counter(CounterRange::Rapl), component: Component::Cpu, ..power_channel() }),
    );
    for (start, offset) in [(0, 0), (10_800, 90_000_000_000)] {
        for s in 0..=60i64 {
            let at = Instant::from_micros((start + s) * 1_000_000);
            power.push(Sample { at, value: 300_000_000 });
            counter.push(Sample { at, value: offset + s * 10_000_000 });
        }
        power.end_recording();
        counter.end_recording();
    }
    assert_eq!(power.energy(false), Energy::from_joules(36_000));
    assert_eq!(counter.energy(false), Energy::from_joules(1_200));
    assert!(power.recordings().all(|r| r.integral(Quantity::Power, false).gap_count == 0));
}

#[test]
fn a_header_without_a_pause_changes_nothing_and_another_run_does() {
    let read = |mark: fn(&mut Series)| {
        let mut s = Series::new(power_channel());
        for at in 0..10i64 {
            if at == 5 {
                mark(&mut s);
            }
            s.push(Sample { at: Instant::from_micros(at * 1_000_000), value: 100_000_000 });
        }
        s.flush();
        (s.energy(false), s.recordings().count())
    };
    assert_eq!(read(|_| {}), (Energy::from_joules(900), 1));
    assert_eq!(read(Series::end_recording), (Energy::from_joules(900), 1));
    assert_eq!(read(Series::end_run), (Energy::from_joules(800), 2));
}

#[test]
fn coverage_is_what_was_watched() {
    let mut samples: Vec<(i64, i64)> = (0..10).map(|s| (s * 1_000_000, 100_000_000)).collect();
    samples.extend((0..10).map(|s| ((7200 + s) * 1_000_000, 100_000_000)));
    let i = integral(&series(power_channel(), &samples), false);
    assert_eq!(i.coverage.spans(), [(0, 9_000_000), (7_200_000_000, 7_209_000_000)]);
    assert_eq!(i.coverage.length(), i.covered);
    // Slow but regular sampling has no gaps, and every interval is watched.
    let slow: Vec<(i64, i64)> = (0..600).map(|s| (s * 60_000_000, 100_000_000)).collect();
    let i = integral(&series(power_channel(), &slow), false);
    assert_eq!(i.coverage.spans(), [(0, 599 * 60_000_000)]);
}

#[test]
fn duplicates_are_dropped_and_small_disorder_is_sorted() {
    let plain = series(power_channel(), &[(0, 10), (1_000_000, 20), (2_000_000, 30), (3_000_000, 40)]);
    let messy = series(power_channel(), &[(0, 10), (2_000_000, 30), (1_000_000, 20), (2_000_000, 30), (3_000_000, 40)]);
    assert_eq!(plain.energy(false), messy.energy(false));
    assert_eq!((messy.counts().duplicates, messy.counts().disordered), (1, 1));
}

#[test]
fn a_counter_wraps_at_its_range_and_a_reset_is_no_energy() {
    let counter = |range| Channel { quantity: Quantity::Counter(range), component: Component::Cpu, ..power_channel() };
    let near = RAPL_RANGES_UJ[2] - 50_000_000;
    let samples = [(0, near), (1_000_000, near + 40_000_000), (2_000_000, 90_000_000)];
    for range in [CounterRange::Rapl, CounterRange::Known(RAPL_RANGES_UJ[2])] {
        let s = series(counter(range), &samples);
        assert_eq!((s.wraps().seen, s.wraps().resets), (1, 0));
        assert_eq!(s.energy(false), Energy::from_joules(140));
    }
    let s = series(counter(CounterRange::Unbounded), &samples);
    assert_eq!((s.wraps().seen, s.wraps().resets), (0, 1));
    assert_eq!(s.energy(false), Energy::from_joules(40));
    assert_eq!(integral(&s, false).gaps, Span::from_seconds(1));
}

#[test]
fn a_counter_that_never_moves_measured_nothing() {
    let channel = Channel { quantity: Quantity::Counter(CounterRange::Rapl), ..power_channel() };
    assert!(series(channel, &[(0, 0), (1_000_000, 0), (2_000_000, 0)]).open.is_frozen(Quantity::Counter(CounterRange::Rapl)));
}

#[test]
fn interval_energies_count_from_where_the_log_begins() {
    let channel = Channel { quantity: Quantity::IntervalEnergy, component: Component::Cpu, ..power_channel() };
    let mut s = Series::new(channel.clone());
    for sample in [
        Sample::interval_start(Instant::from_micros(0)),
        Sample { at: Instant::from_micros(1_000_000), value: 80_000_000 },
        Sample { at: Instant::from_micros(2_000_000), value: 90_000_000 },
        Sample::interval_start(Instant::from_micros(3_600_000_000)),
        Sample { at: Instant::from_micros(3_601_000_000), value: 10_000_000 },
    ] {
        s.push(sample);
    }
    s.flush();
    let i = integral(&s, false);
    assert_eq!((i.energy, i.covered, i.gaps), (Energy::from_joules(180), Span::from_seconds(3), Span::from_seconds(3598)));
    assert!(!s.open.is_frozen(Quantity::IntervalEnergy));
    assert!(series(channel, &[(0, 0), (1_000_000, 0)]).open.is_frozen(Quantity::IntervalEnergy));
}

fn ordered_samples() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let interval = prop_oneof![8 => 900_000i64..1_100_000, 1 => 3_000_000i64..20_000_000, 1 => 3_600_000_000i64..9_000_000_000];
    prop::collection::vec((interval, 0i64..700_000_000), 1..120).prop_map(|steps| {
        let mut at = 1_749_736_999_117_000;
        steps
            .into_iter()
            .map(|(interval, value)| {
                at += interval;
                (at, value)
            })
            .collect()
    })
}

fn assert_same(a: &Series, b: &Series) -> Result<(), TestCaseError> {
    let (x, y) = (integral(a, false), integral(b, false));
    prop_assert_eq!(x.energy, y.energy);
    prop_assert_eq!(x.gap_energy, y.gap_energy);
    prop_assert_eq!((x.covered, x.gaps, x.gap_count, x.median), (y.covered, y.gaps, y.gap_count, y.median));
    prop_assert_eq!(x.profile.step_s(), y.profile.step_s());
    prop_assert_eq!(x.profile.buckets().collect::<Vec<_>>(), y.profile.buckets().collect::<Vec<_>>());
    prop_assert_eq!((a.start(), a.end(), a.peak(), a.counts()), (b.start(), b.end(), b.peak(), b.counts()));
    Ok(())
}

proptest! {
    /// Law 2: cut anywhere, merged in any grouping, the result is that of one pass.
    #[test]
    fn parts_merge_to_the_whole(samples in ordered_samples(), cuts in prop::collection::vec(0usize..120, 2)) {
        let whole = series(power_channel(), &samples);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(samples.len())).collect();
        cuts.sort_unstable();
        let [a, b, c] = [&samples[..cuts[0]], &samples[cuts[0]..cuts[1]], &samples[cuts[1]..]].map(|s| series(power_channel(), s));
        let mut left = a.clone();
        left.append(&b);
        left.append(&c);
        let mut right = b.clone();
        right.append(&c);
        let mut outer = a.clone();
        outer.append(&right);
        assert_same(&whole, &left)?;
        assert_same(&whole, &outer)?;
    }

    /// Law 2: small disorder and duplicates change nothing but their counts.
    #[test]
    fn neighbours_may_swap(samples in ordered_samples(), at in 1usize..118) {
        prop_assume!(samples.len() > at + 1);
        let mut swapped = samples.clone();
        swapped.swap(at, at + 1);
        prop_assert_eq!(series(power_channel(), &samples).energy(false), series(power_channel(), &swapped).energy(false));
    }

    /// The parts of the profile add up to the total, whatever the step.
    #[test]
    fn the_profile_adds_up(samples in ordered_samples(), step in 0usize..6) {
        let integral = integral(&series(power_channel(), &samples), false);
        prop_assert_eq!(integral.profile.total().div_euclid(2), integral.energy.as_picojoules());
        prop_assert_eq!(integral.profile.coarsened_to(PROFILE_STEPS_S[step]).total(), integral.profile.total());
    }

    /// A part of a profile and its rest are the whole, and another total keeps the course.
    #[test]
    fn a_profile_is_cut_and_scaled(samples in ordered_samples(), at in 1usize..118, ratio in 0.0f64..2.0) {
        prop_assume!(samples.len() > at + 1);
        let integral = integral(&series(power_channel(), &samples), false);
        let (profile, watched) = (&integral.profile, &integral.coverage);
        let first = Coverage::of(Instant::from_micros(samples[0].0), Instant::from_micros(samples[at].0)).intersection(watched);
        let cut = profile.cut(&first, watched);
        prop_assert_eq!(cut.total(), profile.within(&first, watched));
        prop_assert!(cut.total() <= profile.total());
        let total = (profile.total() as f64 * ratio) as i128;
        let Some(scaled) = profile.scaled_to(total) else { return Ok(()) };
        prop_assert_eq!(scaled.total(), total);
        for ((_, own), (_, other)) in profile.buckets().zip(scaled.buckets()) {
            prop_assert!((own as f64 * ratio - other as f64).abs() <= total as f64 * 1e-12 + 1e4, "{own} {other} {ratio}");
        }
    }

    /// Any offset modulo the range gives the same differences.
    #[test]
    fn counters_are_invariant_under_an_offset(steps in prop::collection::vec(0i64..300_000_000, 2..60), offset in 0..RAPL_RANGES_UJ[2]) {
        let channel = || Channel { quantity: Quantity::Counter(CounterRange::Known(RAPL_RANGES_UJ[2])), component: Component::Cpu, ..power_channel() };
        let mut plain = Vec::new();
        let mut shifted = Vec::new();
        let mut sum = 0;
        for (i, step) in steps.iter().enumerate() {
            let at = 1_000_000 * i as i64;
            plain.push((at, sum % RAPL_RANGES_UJ[2]));
            shifted.push((at, (sum + offset) % RAPL_RANGES_UJ[2]));
            sum += step;
        }
        prop_assert_eq!(series(channel(), &plain).energy(false), series(channel(), &shifted).energy(false));
    }

    /// Arbitrary readings in arbitrary order never panic and never give a negative energy from non-negative power.
    #[test]
    fn nothing_panics(samples in prop::collection::vec((0i64..4_000_000_000_000_000, 0i64..5_000_000_000), 0..60)) {
        let s = series(power_channel(), &samples);
        prop_assert!(s.energy(true) >= Energy::ZERO);
    }
}

#[test]
fn pauses_between_more_recordings_than_are_told_apart_are_not_watched() {
    let mut whole = Series::new(power_channel());
    for recording in 0..5000i64 {
        (0..4).for_each(|s| whole.push(Sample { at: Instant::from_micros((recording * 3600 + s) * 1_000_000), value: 100_000_000 }));
        whole.end_run();
    }
    whole.flush();
    // Three seconds each, at 100 W.
    assert_eq!(whole.energy(false), Energy::from_joules(5000 * 300));
    let watched: Span = whole.integrals(false).map(|integral| integral.coverage.length()).sum();
    assert_eq!(watched, Span::from_seconds(5000 * 3));
}

#[test]
fn a_profile_is_bounded_whatever_the_stamps() {
    const HOUR: i64 = 3_600_000_000;
    // Hours over 23 years, six days between readings over 1,600 years, and both ends of time.
    let hourly: Vec<(i64, i64)> = (0..200_000).map(|n| (n * HOUR, 100_000_000)).collect();
    let rare: Vec<(i64, i64)> = (0..100_000).map(|n| (n * 144 * HOUR, 100_000_000)).collect();
    let ends = [(i64::MIN / 4, 100_000_000), (0, 100_000_000), (i64::MAX / 4, 100_000_000)];
    for (samples, step_s) in [(hourly.as_slice(), 86_400), (rare.as_slice(), 8_640_000), (ends.as_slice(), 1)] {
        let whole = integral(&series(power_channel(), samples), true);
        assert_eq!(whole.profile.total(), 2 * whole.energy.as_picojoules());
        assert_eq!(whole.profile.step_s(), step_s);
        assert!(whole.profile.buckets().count() <= 32_768);
    }
}

#[test]
fn a_long_even_stretch_lies_in_every_bucket_of_its_time() {
    const DAY: i64 = 86_400_000_000;
    // Midnight of a day.
    let start = 1_703_116_800_000_000;
    for days in [8, 30, 365] {
        let mut profile = Profile::default();
        let doubled = i128::from(days) * 86_400_000;
        profile.add_even(Instant::from_micros(start), Instant::from_micros(start + days * DAY), doubled);
        profile.seal();
        assert_eq!(profile.total(), doubled);
        let until = |day: i64| profile.buckets().filter(|(at, _)| at.as_micros() < start + day * DAY).map(|(_, sum)| sum).sum::<i128>();
        assert_eq!((until(1), until(7)), (86_400_000, 7 * 86_400_000), "{days} days");
    }
}

proptest! {
    /// Marks may fall on the instant of any reading: none is taken for one.
    #[test]
    fn marks_are_no_readings(
        rows in prop::collection::vec((0i64..40, 0i64..500, 0u8..8), 1..60),
        quantity in prop::sample::select(&[Quantity::Power, Quantity::PowerMean, Quantity::PowerHeld, Quantity::PowerEstimated, Quantity::IntervalEnergy][..]),
    ) {
        let mut series = Series::new(Channel { quantity, ..power_channel() });
        let mut most = Energy::ZERO;
        for (second, value, kind) in rows {
            let at = Instant::from_micros(second * 1_000_000);
            let sample = match kind {
                0 => Interruption::Unwatched.sample(at),
                1 => Interruption::Off.sample(at),
                2 if quantity == Quantity::IntervalEnergy => Sample::interval_start(at),
                _ => {
                    // No power lasts longer than from the first second to the last.
                    most += Energy::from_joules(if quantity == Quantity::IntervalEnergy { value } else { value * 40 });
                    Sample { at, value: value * 1_000_000 }
                }
            };
            series.push(sample);
        }
        series.flush();
        let energy = series.energy(true);
        prop_assert!(Energy::ZERO <= energy && energy <= most, "{energy:?}, at most {most:?}");
    }
}

//! Instants as loggers print them, from the days of the civil calendar.

/// Year, month, day of a number of days since 1970 (Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

fn split(ms: i64) -> (i64, i64, i64, i64, i64, i64, i64) {
    let (days, of_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    (year, month, day, of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1_000 % 60, of_day % 1_000)
}

/// `2026/03/01 10:00:00.100`
pub fn slashes(ms: i64) -> String {
    let (y, mo, d, h, mi, s, f) = split(ms);
    format!("{y:04}/{mo:02}/{d:02} {h:02}:{mi:02}:{s:02}.{f:03}")
}

/// `20260301   10:00:00`
pub fn compact(ms: i64) -> String {
    let (y, mo, d, h, mi, s, _) = split(ms);
    format!("{y:04}{mo:02}{d:02}   {h:02}:{mi:02}:{s:02}")
}

/// `2026-03-01T10:00:00`, the fraction cut off.
pub fn iso(ms: i64) -> String {
    let (y, mo, d, h, mi, s, _) = split(ms);
    format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}")
}

/// `2026-03-01T10:00:00.100Z`
pub fn iso_utc(ms: i64) -> String {
    format!("{}.{:03}Z", iso(ms), ms.rem_euclid(1_000))
}

/// `1772359200.100`
pub fn epoch(ms: i64) -> String {
    format!("{}.{:03}", ms.div_euclid(1_000), ms.rem_euclid(1_000))
}

/// `Sun Mar  1 10:00:00 2026`, as C's `asctime` has it.
pub fn asctime(ms: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (y, mo, d, h, mi, s, _) = split(ms);
    let day = DAYS[ms.div_euclid(86_400_000).rem_euclid(7) as usize];
    format!("{day} {} {d:2} {h:02}:{mi:02}:{s:02} {y}", MONTHS[mo as usize - 1])
}

/// A decimal number of `digits` behind the point from a whole number of its last digit.
pub fn decimal(value: i64, digits: u32) -> String {
    let one = 10i64.pow(digits);
    if digits == 0 { value.to_string() } else { format!("{}.{:0width$}", value / one, value % one, width = digits as usize) }
}

/// `2026-03-01 10:00:00`
pub fn date(ms: i64) -> String {
    iso(ms).replace('T', " ")
}

/// `2026-03-01 1:00:00.100`: an hour below ten has one digit.
pub fn date_and_ms(ms: i64) -> String {
    let (y, mo, d, h, mi, s, f) = split(ms);
    format!("{y:04}-{mo:02}-{d:02} {h}:{mi:02}:{s:02}.{f:03}")
}

/// `1.3.2026`
pub fn day_first(ms: i64) -> String {
    let (y, mo, d, ..) = split(ms);
    format!("{d}.{mo}.{y}")
}

/// `03/01/2026 10:00:00`
pub fn month_first(ms: i64) -> String {
    let (y, mo, d, h, mi, s, _) = split(ms);
    format!("{mo:02}/{d:02}/{y:04} {h:02}:{mi:02}:{s:02}")
}

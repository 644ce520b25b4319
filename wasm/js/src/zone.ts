import { CarbonError } from "./error.js";

/** Stamps outside these years (Unix seconds) are no stamps of logs. */
const FROM = 946_684_800; // 2000-01-01
const TO = 4_102_444_800; // 2100-01-01
/** No zone changes twice within a week. */
const STEP = 7 * 86_400;

/** The offsets of a zone, by the platform's database: from each instant on (Unix seconds), seconds east of Greenwich. */
export function offsetsOf(zone: string): [number, number][] {
  const offset = offsetAt(zone);
  const found: [number, number][] = [[FROM, offset(FROM)]];
  for (let at = FROM; at < TO; at += STEP) {
    const before = offset(at);
    const next = Math.min(at + STEP, TO);
    if (offset(next) !== before) found.push([change(offset, at, next), offset(next)]);
  }
  return found;
}

function change(offset: (at: number) => number, before: number, after: number): number {
  const old = offset(before);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offset(middle) === old) before = middle;
    else after = middle;
  }
  return after;
}

function offsetAt(zone: string): (at: number) => number {
  const fixed = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone);
  if (fixed !== null) {
    const seconds = Number(fixed[2]) * 3600 + Number(fixed[3] ?? 0) * 60;
    return () => (fixed[1] === "-" ? -seconds : seconds);
  }
  let clock: Intl.DateTimeFormat;
  try {
    const numeric = "numeric";
    clock = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone: zone, hourCycle: "h23", year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric,
    });
  } catch (cause) {
    const message = `found ${JSON.stringify(zone)}, expected a name such as Europe/Paris, UTC or an offset such as +02:00`;
    throw new CarbonError("setting", message, { place: "tz", cause });
  }
  return (at) => {
    const part: Record<string, number> = {};
    for (const { type, value } of clock.formatToParts(at * 1000)) part[type] = Number(value);
    const local = Date.UTC(part["year"]!, part["month"]! - 1, part["day"], part["hour"], part["minute"], part["second"]);
    return local / 1000 - at;
  };
}

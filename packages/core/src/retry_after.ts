const CAP_S = 3600;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

// The three forms of RFC 9110, section 5.6.7. `Date.parse` would take a lot more, and read the last one as local time.
const HTTP_DATES = [
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[\d ]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/**
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3): a count of seconds or an HTTP-date.
 *
 * @param value the header's value, `null` if there is none.
 * @param now what a date is compared with.
 * @returns whole seconds to wait, 0 to 3600: a moment that has passed is 0, and nobody is told to sleep a day. `undefined` for anything
 *   that is neither form, as if the header were missing.
 */
export function retryAfterSeconds(value: string | null, now: Date): number | undefined {
  const text = value?.trim() ?? '';
  if (/^-?\d+$/.test(text)) return bounded(Number(text));
  const date = httpDate(text, now);
  return date === undefined ? undefined : bounded(Math.ceil((date - now.getTime()) / 1000));
}

function bounded(seconds: number): number {
  // A plain 0 also for -0.
  return seconds > 0 ? Math.min(seconds, CAP_S) : 0;
}

/** Milliseconds since 1970. */
function httpDate(text: string, now: Date): number | undefined {
  for (const form of HTTP_DATES) {
    const parts = form.exec(text)?.groups;
    if (!parts) continue;
    const { day = '', month = '', year = '', time = '' } = parts;
    const monthIndex = MONTHS.indexOf(month);
    const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
    if (monthIndex < 0 || hours > 23 || minutes > 59 || seconds > 60) return undefined;
    const date = new Date(0);
    date.setUTCFullYear(fullYear(year, now), monthIndex, Number(day));
    // There is no 31 February, but JavaScript has one.
    if (date.getUTCDate() !== Number(day) || date.getUTCMonth() !== monthIndex) return undefined;
    return date.setUTCHours(hours, minutes, seconds);
  }
  return undefined;
}

// RFC 9110, section 5.6.7: a two-digit year more than 50 years ahead is one of the past.
function fullYear(year: string, now: Date): number {
  if (year.length === 4) return Number(year);
  const thisYear = now.getUTCFullYear();
  const candidate = thisYear - (thisYear % 100) + Number(year);
  return candidate > thisYear + 50 ? candidate - 100 : candidate;
}

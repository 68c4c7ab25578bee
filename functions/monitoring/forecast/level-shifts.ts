/** Level shifts, as archive and delete runs cause: found and removed, so that they are taken neither for growth nor for noise. */

/** A step is a shift when it is this many times the usual step … */
const UNUSUAL = 5;
/** … and at least this share of the level … */
const NOTICEABLE = 0.1;
/** … and this share of it lasts. */
const LASTING = 0.5;
const WINDOW = 7;

/** The history with all days before a shift moved to the level after it; its last value is unchanged. */
export function removeLevelShifts(values: readonly number[]): number[] {
  const steps = values.map((value, day) => (day === 0 ? 0 : value - (values[day - 1] ?? value)));
  const usual = median(steps.slice(1));
  const deviation = median(steps.slice(1).map((step) => Math.abs(step - usual)));
  const adjusted = new Array<number>(values.length);
  let offset = 0;
  for (let day = values.length - 1; day >= 0; day -= 1) {
    adjusted[day] = (values[day] ?? 0) + offset;
    const shift = (steps[day] ?? 0) - usual;
    if (Math.abs(shift) > UNUSUAL * deviation && lasts(values, steps, day, shift, usual, deviation))
      offset += shift;
  }
  return adjusted;
}

/** Whether the level after the day differs from the one before it by most of the shift, and noticeably. */
function lasts(
  values: readonly number[],
  steps: readonly number[],
  day: number,
  shift: number,
  usual: number,
  deviation: number,
): boolean {
  const previous = values[day - 1] ?? 0;
  if (Math.abs(shift) < NOTICEABLE * Math.abs(previous)) return false;
  // Another shift ends the window: between two shifts there may be days alone.
  const isCalm = (other: number) => Math.abs((steps[other] ?? 0) - usual) <= UNUSUAL * deviation;
  let end = day + 1;
  while (end < values.length && end < day + WINDOW && isCalm(end)) end += 1;
  let start = day - 1;
  while (start > 0 && start > day - WINDOW && isCalm(start)) start -= 1;
  const change = median(values.slice(day, end)) - median(values.slice(start, day));
  return Math.abs(change) >= LASTING * Math.abs(shift) && Math.sign(change) === Math.sign(shift);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

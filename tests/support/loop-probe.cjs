/**
 * Preloaded into a process (`node --require`): writes how long its main thread computed without a pause, one line per
 * tenth of a second with the time (epoch ms) and the longest stretch (ms) to the file that LOOP_PROBE_FILE names. On Linux it
 * counts processor time of the main thread, which other load of the machine does not change.
 */
const { appendFileSync, readFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const file = process.env['LOOP_PROBE_FILE'];
const TICK_MS = 5;
const LINE_MS = 100;

function computedMs() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

if (file && isMainThread) {
  let last = computedMs();
  let longest = 0;
  let lineAt = Date.now();
  const tick = () => {
    const now = computedMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (Date.now() - lineAt < LINE_MS) return;
    lineAt = Date.now();
    appendFileSync(file, `${lineAt} ${longest.toFixed(1)}\n`);
    longest = 0;
  };
  setInterval(tick, TICK_MS).unref();
}

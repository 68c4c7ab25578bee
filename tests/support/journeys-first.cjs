/**
 * The order in which jest runs the test files. On a clean checkout it knows no durations and goes by the size of files,
 * which leaves the longest journeys to the end, where one of them keeps the machine idle. Here journeys go first, those
 * that wait most at their front, and the many short unit tests fill the workers to the end.
 */
const { default: Sequencer } = require('@jest/test-sequencer');

/** A few lines each that wait for leases and retries for about a minute, while others can work. */
const WAIT_LONGEST = ['/tests/journey/kill.', '/tests/journey/faults.', '/tests/journey/deadline.'];

/** Its place among the groups; within a group jest's own order stays. */
function groupOf({ path, context }) {
  const place = WAIT_LONGEST.findIndex((part) => path.includes(part));
  if (place >= 0) return place;
  return context.config.displayName.name === 'journeys' ? WAIT_LONGEST.length : WAIT_LONGEST.length + 1;
}

module.exports = class JourneysFirst extends Sequencer {
  async sort(tests) {
    return (await super.sort(tests)).sort((a, b) => groupOf(a) - groupOf(b));
  }
};

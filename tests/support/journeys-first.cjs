/**
 * The order in which jest runs the test files. On a clean checkout it knows no durations and goes by the size of files,
 * which leaves the longest journeys to the end, where one of them keeps the machine idle. Here journeys go first, the one
 * that waits most at their front, and the many short unit tests fill the workers to the end.
 */
const { default: Sequencer } = require('@jest/test-sequencer');

/** A few lines that wait for a minute, while others can work. */
const WAITS_LONGEST = '/tests/journey/deadline.';

const isUnit = ({ context }) => context.config.displayName.name === 'unit';
/** Its place among the groups; within a group jest's own order stays. */
const groupOf = (test) => (test.path.includes(WAITS_LONGEST) ? 0 : isUnit(test) ? 2 : 1);

module.exports = class JourneysFirst extends Sequencer {
  async sort(tests) {
    return (await super.sort(tests)).sort((a, b) => groupOf(a) - groupOf(b));
  }
};

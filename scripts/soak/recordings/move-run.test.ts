/** A few seeds of `npm run soak -- --suite recordings`. */
import { type RecordingServerTest, startRecordingServerTest } from '../../../tests/support/recording-server';
import { runMoves } from './move-run';

let test: RecordingServerTest;
beforeAll(async () => {
  test = await startRecordingServerTest();
});
afterAll(() => test.close());

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'MNG-1: the recordings of seed %i are archived and deleted once, none is lost, when processes die',
  async (seed) => {
    const run = await runMoves(test, seed);
    expect(run.failure).toBeUndefined();
    expect(run.kills).toBeGreaterThan(0);
  },
);

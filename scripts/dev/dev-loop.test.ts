import type { BuildResult } from './app-builder';
import { devLoop } from './dev-loop';

interface Played {
  lines: string[];
  errors: string[];
  restarts: number;
  builds: number;
}

/** A loop whose builds end as given, one after the other, and take 200 ms; a restart takes 700 ms. */
function loopOf(results: BuildResult[], restartFails = false) {
  const played: Played = { lines: [], errors: [], restarts: 0, builds: 0 };
  let time = 10_000;
  const onChange = devLoop({
    async build() {
      played.builds += 1;
      time += 200;
      return results.shift() ?? { state: 'unchanged' };
    },
    async restart() {
      time += 700;
      if (restartFails) throw new Error('functions-host ended before it was ready');
      played.restarts += 1;
    },
    now: () => time,
    print: (line) => played.lines.push(line),
    printError: (text) => played.errors.push(text),
  });
  return { played, onChange };
}

const saved = (...files: string[]) => ({ files, savedAt: 9900 });

it('builds, restarts, and says how long it took from the save', async () => {
  const { played, onChange } = loopOf([{ state: 'changed' }]);
  await onChange(saved('functions/a.ts'));
  expect(played.restarts).toBe(1);
  expect(played.lines).toEqual(['ready 1.0 s after functions/a.ts was saved (build 0.2 s, restart 0.7 s)']);
});

it('shows what does not compile and leaves the app alone', async () => {
  const { played, onChange } = loopOf([{ state: 'failed', message: 'a.ts:1: unexpected ;\n' }]);
  await onChange(saved('functions/a.ts'));
  expect(played).toMatchObject({ restarts: 0, lines: [] });
  expect(played.errors).toEqual([
    'a.ts:1: unexpected ;\nfunctions/a.ts cannot be built: the app goes on as it was.',
  ]);
});

it('does not restart for a change that changes nothing that runs', async () => {
  const { played, onChange } = loopOf([{ state: 'unchanged' }]);
  await onChange(saved('functions/a.ts'));
  expect(played).toMatchObject({ restarts: 0, errors: [] });
});

it('says so when the app does not start, and goes on with the next change', async () => {
  const { played, onChange } = loopOf([{ state: 'changed' }, { state: 'changed' }], true);
  await onChange(saved('functions/a.ts'));
  await onChange(saved('functions/a.ts'));
  expect(played.builds).toBe(2);
  expect(played.errors[0]).toMatch(/^functions-host ended before it was ready\nThe app does not start/);
});

it('takes changes that come during a build together, after it', async () => {
  const { played, onChange } = loopOf([{ state: 'changed' }, { state: 'changed' }]);
  const first = onChange(saved('functions/a.ts'));
  void onChange(saved('functions/b.ts'));
  void onChange(saved('functions/c.ts'));
  await first;
  expect(played.builds).toBe(2);
  expect(played.lines[1]).toContain('2 files');
});

/** The demo with a log of which the service takes only a part: it says what became of every record. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { repositoryRoot } from '../../infra/local/stack/repository-root';

const ROOT = repositoryRoot(__dirname);

test('CCL-9: the demo says what the service refused, what has no session, and ends with exit code 2', async () => {
  const log = path.join(__dirname, 'fixtures/log-of-two-years.ndjson');
  const { code, output, errors } = await new Promise<{ code: unknown; output: string; errors: string }>(
    (resolve) => {
      execFile(
        process.execPath,
        [path.join(ROOT, 'dist/scripts/demo.js'), '--events', log],
        { cwd: ROOT },
        (error, stdout, stderr) => resolve({ code: error?.code, output: stdout, errors: stderr }),
      );
    },
  );
  expect({ code, errors }).toEqual({
    code: 2,
    errors: '\nThe service refused 2 deliveries: they are lost, and listed above.\n',
  });
  expect(output).toMatch(
    / {3}1 of 2 sessions delivered, 1 refused\n {3}1 of 2 events delivered, 1 refused\n/,
  );
  expect(output).toMatch(/refused: sessionStart of till-1\.northwind\.example.*: 400 validation-failed/);
  const table = output.slice(output.indexOf('Outcome of each record'));
  expect(table).toMatch(/App Start +1\n/);
  expect(table).toMatch(/App Start +no session +1\n/);
  expect(table).toMatch(/App Start +refused: 400 validation-failed: .* 1\n/);
  expect(table).toMatch(/\(no JSON object\) +malformed +1\n/);
  expect(table).toMatch(/6 in the table = 6 records read/);
}, 120_000);

test('CCL-9: the demo says in one line what to do with a file that is no text, before it starts anything', async () => {
  const code = await new Promise<unknown>((resolve) => {
    execFile(
      process.execPath,
      [
        path.join(ROOT, 'dist/scripts/demo.js'),
        '--events',
        path.join(ROOT, 'scripts/cloud-client/samples/screen.webm'),
      ],
      { cwd: ROOT },
      (error, output, errors) => resolve([error?.code, output, errors]),
    );
  });
  expect(code).toEqual([1, '', expect.stringMatching(/^screen\.webm .*\n$/) as string]);
});

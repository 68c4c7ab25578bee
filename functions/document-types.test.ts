/** Every type of document states how long its documents are kept, and the table of the documentation agrees. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { documentType as declare } from '../shared/cosmos/document-type';
import type { Task } from '../shared/tasks/task';
import type { Command } from './servers/commands/command';

/** What was declared while the capabilities were loaded. */
const mockDeclared = new Map<string, ReturnType<typeof declare>>();

jest.mock('../shared/cosmos/document-type', () => {
  const actual = jest.requireActual<{ documentType: typeof declare }>('../shared/cosmos/document-type');
  return {
    ...actual,
    documentType: (...declaration: Parameters<typeof declare>) => {
      const type = actual.documentType(...declaration);
      if (mockDeclared.has(type.name)) throw new Error(`there are two types named ${type.name}`);
      mockDeclared.set(type.name, type);
      return type;
    },
  };
});

const root = path.join(__dirname, '..');

/** Loading the operations and what runs them and the triggers loads every document type of the app. */
beforeAll(async () => {
  await import('./operations');
  await import('../shared/http/register');
  await import('../shared/functions/trigger');
  await import('../shared/activity/report-activity');
});

/** The rows of the table, by type. */
function documented(): Map<string, string> {
  const rows = readFileSync(path.join(root, 'docs/data-retention.md'), 'utf8').matchAll(
    /^\| `[\w-]+`(?:, `[\w-]+`)? +\| `([\w-]+)` +\| [^|]+\| (.+?) +\|$/gm,
  );
  return new Map([...rows].map(([, type = '', kept = '']) => [type, kept]));
}

/** Names of the types that the source declares, whether or not an operation loads them. */
function declaredInSource(): string[] {
  return ['functions', 'shared'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) => [
        ...readFileSync(path.join(root, folder, file), 'utf8').matchAll(
          /\bdocumentType<\w+>\(\s*'([\w-]+)'/g,
        ),
      ])
      .map(([, name = '']) => name),
  );
}

const KEPT: Record<string, number | 'never'> = {
  '1 hour': 3_600,
  '1 day': 86_400,
  '15 days': 15 * 86_400,
  '90 days': 90 * 86_400,
  '366 days': 366 * 86_400,
  '130 days': 130 * 86_400,
  'until removed': 'never',
};

it('every type of document is in the table of docs/data-retention.md, and no other', () => {
  expect([...documented().keys()].toSorted()).toEqual([...mockDeclared.keys()].toSorted());
  expect(declaredInSource().toSorted()).toEqual([...mockDeclared.keys()].toSorted());
});

const WITH_STATE = ['command', 'task', 'session', 'event-batch', 'session-samples', 'host-deployment'];

it('DATA-1: documents carry the TTL that the table names', () => {
  const stateless = [...documented()].filter(([type]) => !WITH_STATE.includes(type));
  for (const [type, kept] of stateless) {
    expect([type, mockDeclared.get(type)?.ttl({ id: 'x' })]).toEqual([type, KEPT[kept]]);
  }
});

it('commands are kept for 30 days once they are finished, and as long as they are open', () => {
  expect(documented().get('command')).toBe('30 days once finished');
  const kept = (status: Command['status']) =>
    mockDeclared.get('command')?.ttl({ id: 'x', status } as { id: string });
  expect(['pending', 'leased'].map((status) => kept(status as Command['status']))).toEqual([
    'never',
    'never',
  ]);
  const finished: Command['status'][] = ['succeeded', 'failed', 'expired'];
  expect(finished.map(kept)).toEqual(finished.map(() => 30 * 86_400));
});

it('sessions are kept for 90 days once their last recording was deleted', () => {
  expect(documented().get('session')).toBe('90 days once emptied');
  const kept = (body: object) => mockDeclared.get('session')?.ttl({ id: 'x', ...body });
  expect([kept({}), kept({ isEmptied: true })]).toEqual(['never', 90 * 86_400]);
});

it('tasks are kept for 90 days once they have ended, and as long as they run', () => {
  expect(documented().get('task')).toBe('90 days once ended');
  const kept = (state: Task['state']) => mockDeclared.get('task')?.ttl({ id: 'x', state } as { id: string });
  expect([kept('NotStarted'), kept('Running')]).toEqual(['never', 'never']);
  const ended: Task['state'][] = ['Succeeded', 'Failed', 'Canceled'];
  expect(ended.map(kept)).toEqual(ended.map(() => 90 * 86_400));
});

it.each(['event-batch', 'session-samples'])('%s is kept for 7 days once it is in the archive', (type) => {
  expect(documented().get(type)).toBe('7 days once archived');
  const kept = (isExpiring?: true) => mockDeclared.get(type)?.ttl({ id: 'x', isExpiring } as { id: string });
  expect([kept(), kept(true)]).toEqual(['never', 7 * 86_400]);
});

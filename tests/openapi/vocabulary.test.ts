/** One word for one thing: no two values of enumerations differ only in case or ending. */
import { describeApp } from '../../scripts/openapi/describe-app';
import { groupBy } from '../../shared/pure/group-by';

/** Values that look alike and mean different things. */
const DIFFERENT_THINGS: readonly (readonly string[])[] = [
  // The states of tasks are those of Azure's long-running operations; outcomes of items and commands are our own.
  ['Failed', 'failed', 'failing'],
  ['Running', 'running'],
  ['Succeeded', 'succeeded'],
  // States of a recording: what is being done to it, and what was done; a server that was removed.
  ['archived', 'archiving'],
  ['deleted', 'deleting'],
  // Tasks have the states of their contract; deployments have others.
  ['Canceled', 'canceled'],
  ['deployed', 'deploying'],
  // A part of a site plan to create, and how a site came to be.
  ['create', 'created'],
  // Protocols of a port.
  ['HTTP', 'HTTPS'],
  // Codes of problems are URI fragments in kebab case; the reasons of actions are values of a field.
  ['internal-error', 'internalError'],
  ['server-failed', 'serverFailed'],
  ['server-silent', 'serverSilent'],
  ['session-ended', 'sessionEnded'],
  // A field of alert mails, and a kind of cost.
  ['machine', 'machines'],
  // States of services, and what a roll-over does to a recording.
  ['stopped', 'stopping', 'stops'],
  // A kind of command, and the status of a server that carries it out.
  ['upgrade', 'upgrading'],
];

function valuesIn(node: unknown, found = new Set<string>()): Set<string> {
  if (typeof node !== 'object' || node === null) return found;
  const { enum: values, const: constant } = node as { enum?: unknown; const?: unknown };
  for (const value of [...(Array.isArray(values) ? (values as unknown[]) : []), constant])
    if (typeof value === 'string') found.add(value);
  for (const inner of Object.values(node)) valuesIn(inner, found);
  return found;
}

/** Without case, separators and the ending of a verb or plural: `Completed`, `complete` and `completes` are one. */
function stem(value: string): string {
  const letters = value.toLowerCase().replaceAll(/[-_ ]/g, '');
  return letters.replace(/(ing|ed|es|d|s|e)$/, '').replace(/(.)\1$/, '$1');
}

it('knows what one spelling is', () => {
  expect(stem('complete')).toBe(stem('Completed'));
  expect(stem('full-admin')).toBe(stem('fullAdmin'));
  expect(stem('stops')).toBe(stem('stopped'));
  expect(stem('running')).not.toBe(stem('stopped'));
});

it('OPS-2: spells each state, role and kind in one way', () => {
  const byStem = groupBy(valuesIn(describeApp()), stem);
  const alike = [...byStem.values()].filter(({ length }) => length > 1).map((values) => values.sort());
  expect(byStem.size).toBeGreaterThan(200);
  expect(alike.sort()).toEqual(DIFFERENT_THINGS.map((values) => [...values]).sort());
});

/** The permission table holds over HTTP: every role on every administrators' operation, generated from the declarations. */
import { operations } from '../../functions/operations';
import type { Operation } from '../../shared/http/operation';
import { type AdministratorKind, PERMISSIONS } from '../../shared/identity/permissions';
import { forEachConcurrently } from '../support/for-each-concurrently';
import { problemFaults } from '../support/problem-answer';
import { rawRequest } from '../support/raw-request';
import { type Role, startService, type TestService } from '../support/service';

const KIND_OF: Record<Role, AdministratorKind | undefined> = {
  FullAdmin: 'fullAdmin',
  PrivilegedPlayerAdmin: 'privilegedPlayerAdmin',
  ReadOnlyAdmin: 'readOnlyAdmin',
  none: undefined,
};

const forAdministrators = operations.filter(({ access }) => access in PERMISSIONS);

let service: TestService;

beforeAll(async () => {
  service = await startService();
}, 60_000);

afterAll(() => service.stop());

function isAllowed({ access }: Operation, role: Role): boolean {
  const kinds: readonly (AdministratorKind | undefined)[] = PERMISSIONS[access as keyof typeof PERMISSIONS];
  return kinds.includes(KIND_OF[role]);
}

/** Nothing that the path names exists, so that an allowed caller gets 404 or 400, or an empty list. */
async function answerTo({ method, path }: Operation, token: string) {
  const filled = path.replaceAll(/\{\w+\}/g, 'none');
  return rawRequest(service.url, { method, path: filled, headers: { authorization: `Bearer ${token}` } });
}

test.each(Object.keys(KIND_OF) as Role[])(
  'with role %s the allowed operations answer, and all others 403',
  async (role) => {
    const token = await service.token({ role });
    const faults: string[] = [];
    await forEachConcurrently(forAdministrators, async (operation) => {
      const answer = await answerTo(operation, token);
      const isRefused = answer.status === 403;
      if (isRefused) faults.push(...problemFaults(answer).map((fault) => `${operation.id}: ${fault}`));
      if (isRefused === isAllowed(operation, role) || answer.status >= 500 || answer.status === 401)
        faults.push(`${operation.id}: ${answer.status} ${answer.text}`);
    });
    expect(faults).toEqual([]);
  },
  60_000,
);

test('a role is refused before anything else is checked: body, id or precondition', async () => {
  const token = await service.token({ role: 'none' });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain', 'if-match': '"x"' };
  const faults: string[] = [];
  await forEachConcurrently(forAdministrators, async ({ id, method, path }) => {
    const filled = `${path.replaceAll(/\{\w+\}/g, '%00')}?surprise=1`;
    const { status, text } = await rawRequest(service.url, { method, path: filled, headers, body: '{' });
    if (status !== 403) faults.push(`${id}: ${status} ${text}`);
  });
  expect(faults).toEqual([]);
}, 60_000);

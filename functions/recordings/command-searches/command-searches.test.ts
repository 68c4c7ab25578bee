/** Saved searches for commands, through the API. */
import { call, type TestRequest } from '../../../tests/support/call';
import { startTestServices, type TestServices } from '../../../tests/support/test-services';
import { MAX_COMMAND_SEARCHES } from './command-search';
import { commandSearchOperations } from './operations';

let test: TestServices;

beforeEach(async () => {
  test = await startTestServices();
});
afterEach(() => test.close());

const ADA = { oid: '0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e01', roles: ['SessionRecording.FullAdmin'] };
const BEN = { oid: '0197f3a1-7c1e-7a52-9f0b-3f6d2c9a1e02', roles: ['SessionRecording.ReadOnlyAdmin'] };

async function send(who: object, id: string, request: TestRequest = {}) {
  const operation = commandSearchOperations.find((item) => item.id === id);
  if (!operation) throw new Error(`There is no operation ${id}`);
  return call(test.services, operation, { token: await test.issuer.token({ ...who }), ...request });
}
const save = (who: object, name: string, terms = ['net user']) =>
  send(who, 'createCommandSearch', { body: { name, terms } });
const names = async (who: object) =>
  ((await send(who, 'listCommandSearches')).body['value'] as { name: string }[]).map(({ name }) => name);

it('RCD-6: saved searches belong to the administrator who saved them', async () => {
  const { status, body, headers } = await save(BEN, 'Accounts', ['net user', 'net localgroup']);
  expect([status, body['terms']]).toEqual([201, ['net user', 'net localgroup']]);
  expect(await names(BEN)).toEqual(['Accounts']);
  expect(await names(ADA)).toEqual([]);
  const params = { id: String(body['id']) };
  expect((await send(BEN, 'getCommandSearch', { params })).headers['etag']).toBe(headers['etag']);
  expect((await send(ADA, 'getCommandSearch', { params })).status).toBe(404);
});

it('RCD-6: names of saved searches differ, also between requests at the same time, and are free after a deletion', async () => {
  const answers = await Promise.all([save(ADA, 'Accounts'), save(ADA, ' ACCOUNTS')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect((await save(BEN, 'Accounts')).status).toBe(201);
  const saved = answers.find(({ status }) => status === 201);
  const headers = { 'if-match': saved?.headers['etag'] ?? '' };
  const remove = { params: { id: String(saved?.body['id']) }, headers };
  expect((await send(ADA, 'deleteCommandSearch', remove)).status).toBe(204);
  expect((await save(ADA, 'accounts')).status).toBe(201);
});

it('RCD-6: an administrator has a limited number of saved searches', async () => {
  for (let number = 0; number < MAX_COMMAND_SEARCHES; number++) await save(ADA, `Search ${number}`);
  expect(await save(ADA, 'One more')).toMatchObject({ status: 409, body: { code: 'conflict' } });
});

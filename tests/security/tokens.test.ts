/** Only a genuine token is accepted: forgeries of many kinds, over HTTP, on every protected operation. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { operations } from '../../functions/operations';
import type { Operation } from '../../shared/http/operation';
import { forEachConcurrently } from '../support/for-each-concurrently';
import {
  administratorIssuer,
  clientIssuer,
  forgedTokens,
  signAs,
  type TrueIssuer,
} from '../support/forged-tokens';
import { createTestCustomer, type TestCustomer } from '../support/customer-requests';
import { problemFaults } from '../support/problem-answer';
import { rawRequest, type RawAnswer } from '../support/raw-request';
import { startService, type TestService } from '../support/service';

const protectedOperations = operations.filter(({ access }) => access !== 'anybody');
const forServers = protectedOperations.filter(({ access }) => access === 'cloud-client');
const forAdministrators = protectedOperations.filter(({ access }) => access !== 'cloud-client');

/** The full list of forgeries is tried on a read, a change and a removal. */
const SAMPLE = ['getMe', 'createSite', 'deleteSecureClient', 'getServerConfiguration', 'sendEvents'];

let service: TestService;
let customer: TestCustomer;
let directory: TrueIssuer;
let serviceIssuer: TrueIssuer;
let attacker: Server;
const askedOfAttacker: (string | undefined)[] = [];

beforeAll(async () => {
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
  directory = await administratorIssuer(service);
  serviceIssuer = await clientIssuer(service, customer.serverToken);
  attacker = createServer((request, response) => {
    askedOfAttacker.push(request.url);
    response.end('{"keys":[]}');
  });
  await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve));
}, 60_000);

afterAll(async () => {
  attacker.close();
  await service.stop();
});

const attackerUrl = () => `http://127.0.0.1:${(attacker.address() as AddressInfo).port}`;

/** No id in the path exists and no body is sent: a request that passes authentication gets another status than 401. */
function send({ method, path }: Operation, authorization?: string): Promise<RawAnswer> {
  return rawRequest(service.url, {
    method,
    path: path.replaceAll(/\{\w+\}/g, 'none'),
    headers: authorization === undefined ? {} : { authorization },
  });
}

async function unexpectedAnswers(
  attempts: { operation: Operation; what: string; authorization?: string }[],
): Promise<string[]> {
  const faults: string[] = [];
  await forEachConcurrently(attempts, async ({ operation, what, authorization }) => {
    const answer = await send(operation, authorization);
    const found = answer.status === 401 ? problemFaults(answer) : [`status ${answer.status}`];
    const challenge = answer.headers['www-authenticate'] ?? '';
    if (!/^Bearer realm="[^"]+"/.test(challenge)) found.push(`challenge ${challenge}`);
    faults.push(...found.map((fault) => `${operation.id}, ${what}: ${fault}`));
  });
  return faults;
}

const issuerOf = ({ access }: Operation) => (access === 'cloud-client' ? serviceIssuer : directory);

test('a token of the true key with the true claims is accepted, so that each refusal below is due to the one fault', async () => {
  for (const operation of protectedOperations.filter(({ id }) => SAMPLE.includes(id))) {
    const answer = await send(operation, `Bearer ${await signAs(issuerOf(operation))}`);
    expect([401, 403]).not.toContain(answer.status);
  }
});

test('no operation but the public ones answers without a token, or with a forged one', async () => {
  const attempts = await Promise.all(
    protectedOperations.map(async (operation) => {
      const { 'another key with the right kid': forged } = await forgeriesFor(operation);
      return [
        { operation, what: 'no token' },
        { operation, what: 'a forged token', authorization: `Bearer ${forged}` },
        { operation, what: 'an empty token', authorization: 'Bearer ' },
      ];
    }),
  );
  expect(await unexpectedAnswers(attempts.flat())).toEqual([]);
}, 60_000);

test('IAM-2: every kind of forgery is refused', async () => {
  const sample = protectedOperations.filter(({ id }) => SAMPLE.includes(id));
  expect(sample).toHaveLength(SAMPLE.length);
  const attempts = await Promise.all(
    sample.map(async (operation) =>
      Object.entries(await forgeriesFor(operation)).map(([what, token]) => ({
        operation,
        what,
        authorization: `Bearer ${token}`,
      })),
    ),
  );
  expect(attempts.flat().length).toBeGreaterThan(150);
  expect(await unexpectedAnswers(attempts.flat())).toEqual([]);
  expect(askedOfAttacker).toEqual([]);
}, 60_000);

test('a token of the directory identifies its customer', async () => {
  const [operation] = forAdministrators;
  if (!operation) throw new Error('No operation for administrators found');
  const { tid } = directory.claims;
  const elsewhere = '99999999-9999-4999-8999-999999999999';
  const tokens = {
    'no tenant': await signAs(directory, { tid: undefined }),
    'no user': await signAs(directory, { oid: undefined }),
    'a tenant that is not the issuer': await signAs(directory, { tid: elsewhere }),
    'the issuer of another tenant': await signAs(directory, {
      iss: String(directory.claims.iss).replace(String(tid), elsewhere),
    }),
    'a tenant that is a pattern': await signAs(directory, { tid: '{tenantid}' }),
  };
  const attempts = Object.entries(tokens).map(([what, token]) => ({
    operation,
    what,
    authorization: `Bearer ${token}`,
  }));
  expect(await unexpectedAnswers(attempts)).toEqual([]);
});

test("a recording server's token gives no access to administrators' operations, nor the reverse", async () => {
  const attempts = [
    ...forAdministrators.map((operation) => ({ operation, token: serviceIssuer.token })),
    ...forServers.map((operation) => ({ operation, token: directory.token })),
  ].map(({ operation, token }) => ({
    operation,
    what: "the other side's token",
    authorization: `Bearer ${token}`,
  }));
  expect(await unexpectedAnswers(attempts)).toEqual([]);
}, 60_000);

test('a genuine token is not accepted in another scheme, twice, or in the query', async () => {
  const { token } = directory;
  const me = operations.filter(({ id }) => id === 'getMe');
  const attempts = me.flatMap((operation) =>
    [
      `Token ${token}`,
      token,
      `Bearer ${token} x`,
      `Bearer "${token}"`,
      `Bearer ${token}, Bearer ${token}`,
    ].map((authorization) => ({ operation, what: 'a misplaced token', authorization })),
  );
  expect(await unexpectedAnswers(attempts)).toEqual([]);
  const inQuery = await rawRequest(service.url, { method: 'GET', path: `/api/v1/me?access_token=${token}` });
  expect(inQuery.status).toBe(401);
});

test('the id and secret of a secure client are accepted by the token operation only', async () => {
  const credentials = Buffer.from(`${customer.clientId}:${customer.clientSecret}`).toString('base64');
  const attempts = protectedOperations.map((operation) => ({
    operation,
    what: 'Basic',
    authorization: `Basic ${credentials}`,
  }));
  expect(await unexpectedAnswers(attempts)).toEqual([]);
}, 60_000);

const made = new Map<TrueIssuer, Promise<Record<string, string>>>();

function forgeriesFor(operation: Operation): Promise<Record<string, string>> {
  const issuer = issuerOf(operation);
  const forgeries = made.get(issuer) ?? forgedTokens(issuer, attackerUrl());
  made.set(issuer, forgeries);
  return forgeries;
}

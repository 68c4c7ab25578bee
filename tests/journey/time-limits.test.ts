/** Every client of a dependency that accepts a connection and then falls silent, at once or in the middle of its answer. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { TokenCredential } from '@azure/identity';
import { z } from 'zod';
import { ensureCertificates } from '../../infra/local/stack/certificates';
import { trustAuthority } from '../../infra/local/stack/trust';
import { openBlobStore } from '../../shared/blobs/blob-store';
import { systemClock } from '../../shared/clock';
import type { Config } from '../../shared/config';
import { openDatabase } from '../../shared/cosmos/database';
import { documentType } from '../../shared/cosmos/document-type';
import { appCredential } from '../../shared/credential';
import { openEventPublisher } from '../../shared/events/event-publisher';
import { toProblem } from '../../shared/http/respond';
import { TokenVerifier } from '../../shared/identity/token-verifier';
import { sendSmtp } from '../../shared/mail/smtp';
import { RetailPricesClient } from '../../shared/prices/retail-prices-client';
import { openQueues } from '../../shared/queues/queue';
import { openSecretStore } from '../../shared/secrets/secret-store';
import { TIME_LIMITS, type TimeLimit } from '../../shared/time-limits';
import { TestClock } from '../support/test-clock';
import { startTestIssuer } from '../support/test-issuer';
import { testConfig } from '../support/test-services';

jest.setTimeout(120_000);

interface Silence {
  /** What is sent before it; absent: nothing at all. */
  begun?: { headers: Record<string, string>; body: Buffer };
}

const SILENCES: Readonly<Record<string, Silence>> = {
  'never answers': {},
  'stops in the middle of the body': { begun: { headers: {}, body: Buffer.from('{"value": "be') } },
  'stops in the middle of a packed body': {
    begun: {
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync('{"value": "begun"}').subarray(0, 20),
    },
  },
};

/** On a busy machine. */
const MARGIN_MILLISECONDS = 4_000;

const folder = mkdtempSync(path.join(tmpdir(), 'silent-'));
const servers: Server[] = [];
let tls: { cert: Buffer; key: Buffer };
let token: string;

beforeAll(async () => {
  const { caFile, certFile, keyFile } = await ensureCertificates(folder);
  trustAuthority(caFile);
  tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  token = await (await startTestIssuer(new TestClock())).token();
});

afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function silentServer({ begun }: Silence): Promise<string> {
  const server = createServer(tls, (_request, response) => {
    if (!begun) return;
    const headers = { 'content-type': 'application/json', 'content-length': '1000', ...begun.headers };
    response.writeHead(200, headers).write(begun.body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function configAt(url: string): Config {
  return {
    ...testConfig,
    administrators: { ...testConfig.administrators, jwksUrl: `${url}/keys` },
    cosmos: { endpoint: url, database: 'test' },
    storage: {
      ...testConfig.storage,
      blobEndpoint: `${url}/account`,
      queueEndpoint: `${url}/account`,
    },
    keyVault: { url, disableChallengeVerification: true },
    eventGrid: { topicEndpoint: `${url}/api/events` },
    identity: {
      tenantId: 'tenant',
      clientId: 'client',
      clientSecret: 'secret',
      authorityHost: url,
      disableInstanceDiscovery: true,
    },
  };
}

const credential: TokenCredential = {
  getToken: async () => ({ token: 'token', expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const note = documentType<{ id: string }>('note', { ttlSeconds: 'never' });
const queue = { name: 'start-task' as const, message: z.object({ id: z.string() }) };
const event = { id: 'a', type: 'b', source: 'c', subject: 'd', time: new Date(), data: {} };

type Call = [name: string, limit: TimeLimit, call: () => Promise<unknown>];

/** One call of each kind to each dependency, all of them at `url`. */
function callsTo(url: string): Call[] {
  const config = configAt(url);
  const control = openDatabase(config, credential).control('customer');
  const blobs = openBlobStore(config, credential, systemClock);
  const { storage, cosmosRead } = TIME_LIMITS;
  return [
    ['Cosmos DB read', cosmosRead, () => control.read(note, 'a')],
    ['Cosmos DB query', cosmosRead, () => control.list(note, { limit: 1 })],
    // The first call of a client reads the account before it writes.
    ['Cosmos DB write', cosmosRead, () => control.create(note, { id: 'a' })],
    ['blob read', storage, () => blobs.get('policies', 'a')],
    ['blob write', storage, () => blobs.putOnce('policies', 'a', Buffer.from('a'), 'text/plain')],
    ['signed URL', storage, () => blobs.uploadUrl('policies', 'a', 60)],
    ['queue', storage, () => openQueues(config, credential).send(queue, { id: 'a' })],
    ['Key Vault', TIME_LIMITS.keyVault, () => openSecretStore(config, credential).get('a')],
    ['Event Grid', TIME_LIMITS.eventGrid, () => openEventPublisher(config, credential).publish([event])],
    [
      'access token',
      TIME_LIMITS.token,
      () => appCredential(config).getToken('https://vault.azure.net/.default'),
    ],
    [
      'sign-in keys',
      TIME_LIMITS.signInKeys,
      () => new TokenVerifier(config.administrators, systemClock).verify(token),
    ],
    ['prices', TIME_LIMITS.prices, () => new RetailPricesClient(url, systemClock).rows("a eq 'b'")],
  ];
}

interface End {
  name: string;
  status: number;
  isInTime: boolean;
}

async function endOf([name, { tryMilliseconds, tries }, call]: Call): Promise<End> {
  const startedAt = performance.now();
  const status = await call().then(
    () => 200,
    (error: unknown) => toProblem(error).status,
  );
  const limit = tryMilliseconds * tries + MARGIN_MILLISECONDS;
  return { name, status, isInTime: performance.now() - startedAt < limit };
}

test('a call to a dependency that falls silent ends within its limit and is answered with 503', async () => {
  // At the same time, since each waits for several seconds.
  await Promise.all(
    Object.entries(SILENCES).map(async ([silence, begun]) => {
      const calls = callsTo(await silentServer(begun));
      const ends = { silence, ends: await Promise.all(calls.map(endOf)) };
      expect(ends).toEqual({ silence, ends: calls.map(([name]) => ({ name, status: 503, isInTime: true })) });
    }),
  );
});

test('a mail server that never greets is given up within its limit, for another try', async () => {
  const { port } = new URL(await silentServer({}));
  const account = {
    host: '127.0.0.1',
    port: Number(port),
    tls: 'implicit' as const,
    allowPrivateHosts: true,
  };
  const mail = {
    messageId: 'a@b',
    from: { name: '', address: 'a@b.example' },
    subject: 'x',
    text: 'x',
    html: 'x',
  };
  const startedAt = performance.now();
  await expect(
    sendSmtp({ ...account, allowedPorts: [Number(port)] }, { ...mail, to: ['c@d.example'] }),
  ).rejects.toMatchObject({ name: 'MailNotSent', permanent: false });
  const limit = TIME_LIMITS.mailConnection.tryMilliseconds * 2 + MARGIN_MILLISECONDS;
  expect(performance.now() - startedAt).toBeLessThan(limit);
});

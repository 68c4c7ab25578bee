/**
 * The accounts that the conformance suite runs against: the gateway in process with its key, the gateway over https with
 * Entra tokens, and a real account when COSMOS_ENDPOINT and COSMOS_KEY name one.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { Agent } from 'node:https';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Container, type ContainerDefinition, CosmosClient, type Database } from '@azure/cosmos';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ensureCertificates } from '../../stack/certificates';
import { createCosmosGateway } from '../gateway';
import { startTestCosmos } from '../testing';

/** One account while the tests of a file run against it. */
export interface Account {
  readonly client: CosmosClient;
  readonly endpoint: string;
  /** A database for this run only. */
  readonly database: Database;
  /** The time of the account; a real account does not follow it. */
  now: Date;
  /** A new container: partition key `/pk` unless the definition says otherwise. */
  container(definition?: Partial<ContainerDefinition>): Promise<Container>;
}

/** What is known about an account before it has started. */
export interface AccountKind {
  readonly isReal: boolean;
  /** `it` for what cannot be tested on a real account; the reason is part of the name. */
  readonly localOnly: (reason: string) => jest.It;
}

interface Connection {
  readonly client: CosmosClient;
  readonly endpoint: string;
  close(): Promise<void>;
}

type Start = (now: () => Date) => Promise<Connection>;

const start = new Date('2030-01-01T00:00:00Z');

/** Declares the tests once per account. The getter gives the account from the first hook of the tests on. */
export function eachAccount(tests: (account: () => Account, kind: AccountKind) => void): void {
  for (const { name, isReal, connect } of kinds()) {
    describe(name, () => {
      let connection: Connection;
      let account: Account | undefined;
      beforeAll(async () => {
        connection = await connect(() => account?.now ?? start);
        account = await open(connection);
      });
      beforeEach(() => {
        if (account) account.now = start;
      });
      afterAll(async () => {
        if (isReal) await account?.database.delete();
        await connection.close();
      });
      const given = () => {
        if (!account) throw new Error('The account has not started');
        return account;
      };
      tests(given, { isReal, localOnly: (reason) => (isReal ? skipping(reason) : it) });
    });
  }
}

function kinds(): { name: string; isReal: boolean; connect: Start }[] {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key } = process.env;
  return [
    { name: 'in process, with the key', isReal: false, connect: inProcess },
    { name: 'over https, with Entra tokens', isReal: false, connect: overHttps },
    ...(endpoint && key
      ? [{ name: `at ${endpoint}`, isReal: true, connect: () => realAccount(endpoint, key) }]
      : []),
  ];
}

async function open({ client, endpoint }: Connection): Promise<Account> {
  const { database } = await client.databases.create({ id: `conformance-${randomUUID()}` });
  return {
    client,
    endpoint,
    database,
    now: start,
    async container(definition = {}) {
      const partitionKey = { paths: ['/pk'] };
      const { container } = await database.containers.create({
        id: randomUUID(),
        partitionKey,
        ...definition,
      });
      return container;
    },
  };
}

/** `it.skip` with the reason in the name of every test. */
function skipping(reason: string): jest.It {
  const skip = (name: string, ...rest: [jest.ProvidesCallback?, number?]) =>
    it.skip(`${name} (not run on a real account: ${reason})`, ...rest);
  const each =
    (cases: readonly never[]) =>
    (name: string, ...rest: never[]) =>
      it.skip.each(cases)(`${name} (not run on a real account: ${reason})`, ...(rest as [never]));
  return Object.assign(skip, { each }) as unknown as jest.It;
}

async function inProcess(now: () => Date): Promise<Connection> {
  const cosmos = await startTestCosmos({ now });
  return { ...cosmos, endpoint: 'https://cosmos.test' };
}

async function realAccount(endpoint: string, key: string): Promise<Connection> {
  const client = new CosmosClient({ endpoint, key });
  return { client, endpoint, close: async () => client.dispose() };
}

async function overHttps(now: () => Date): Promise<Connection> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmos-'));
  const { certFile, keyFile, caFile } = await ensureCertificates(folder);
  const issuer = await startIssuer();
  const gateway = createCosmosGateway({ strict: true, cert: certFile, key: keyFile, jwks: issuer.jwks, now });
  const endpoint = await gateway.listen(0);
  const token = await issuer.tokenFor(endpoint);
  const client = new CosmosClient({
    endpoint,
    aadCredentials: { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) },
    agent: new Agent({ ca: readFileSync(caFile) }),
  });
  return {
    client,
    endpoint,
    close: async () => {
      client.dispose();
      await gateway.close();
      await issuer.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Signs tokens for one tenant, and publishes the key. */
async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' }] });
  const server = createServer((_request, response) => response.end(jwks));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    jwks: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    tokenFor: (audience: string) =>
      new SignJWT({ tid: 'contoso' })
        .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
        .setIssuer('https://sts.windows.net/contoso/')
        .setAudience(audience)
        .setExpirationTime('1h')
        .sign(privateKey),
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

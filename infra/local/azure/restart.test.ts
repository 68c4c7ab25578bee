import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { EmailClient } from '@azure/communication-email';
import { EventGridPublisherClient } from '@azure/eventgrid';
import { SecretClient } from '@azure/keyvault-secrets';
import { decodeProtectedHeader } from 'jose';
import { createTransport } from 'nodemailer';
import { freeBasePort } from '../stack/ports';
import { makeTestRoot } from '../stack/test-root';
import { prepareTestAzure, type TestAzure } from './test-azure';

// Whole processes start and end here, which a busy machine does slowly.
jest.setTimeout(60_000);

let root: string;
let removeRoot: () => void;
let test: TestAzure;
let subscriberPort: number;
let child: ChildProcess;
beforeAll(async () => {
  ({ root, remove: removeRoot } = await makeTestRoot('restart'));
  test = await prepareTestAzure();
  subscriberPort = await freeBasePort();
  child = await start();
});
afterAll(async () => {
  child.kill('SIGKILL');
  await test.close();
  removeRoot();
});

async function start(): Promise<ChildProcess> {
  const { dataDir, ports, senderDomain } = test.options;
  const started = spawn(
    process.execPath,
    [
      path.join(root, 'dist/local/azure.js'),
      ...['--data', dataDir, '--sender-domain', senderDomain],
      ...['--blob-port', `${ports.blob}`, '--azurite-blob-port', `${ports.azuriteBlob}`],
      ...['--queue-port', `${ports.queue}`, '--azurite-queue-port', `${ports.azuriteQueue}`],
      ...['--login-port', `${ports.login}`, '--key-vault-port', `${ports.keyVault}`],
      ...[
        '--event-grid-port',
        `${ports.eventGrid}`,
        '--email-port',
        `${ports.email}`,
        '--smtp-port',
        `${ports.smtp}`,
        '--resource-manager-port',
        `${ports.resourceManager}`,
      ],
      ...['--cert', test.certificateFiles.cert, '--key', test.certificateFiles.key],
      ...['--service-principal', test.certificateFiles.principal],
      ...['--webhook', `http://127.0.0.1:${subscriberPort}/webhook`],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(started.stdout, 'data')) as [Buffer];
  expect(line.toString()).toBe(`ready ${test.loginUrl}\n`);
  return started;
}

async function killAndStart(): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  child = await start();
}

async function local<T>(query: string): Promise<T> {
  return (await (await fetch(`${test.loginUrl}/local/${query}`)).json()) as T;
}

it('after kill -9, keys, secrets, mails, operations and undelivered events are still there', async () => {
  const vault = new SecretClient(test.keyVaultUrl, test.credential, {
    disableChallengeResourceVerification: true,
  });
  const email = new EmailClient(test.emailEndpoint, test.credential);
  const topic = new EventGridPublisherClient(test.topicEndpoint, 'CloudEvent', test.credential);
  const operationId = randomUUID();
  await vault.setSecret('kept', 'value');
  await email.beginSend(
    {
      senderAddress: `donotreply@${test.options.senderDomain}`,
      content: { subject: 'By service', plainText: 'x' },
      recipients: { to: [{ address: 'ada@contoso.example' }] },
    },
    { operationId },
  );
  await createTransport({ host: '127.0.0.1', port: test.options.ports.smtp, requireTLS: true }).sendMail({
    from: 'a@contoso.example',
    to: 'b@contoso.example',
    subject: 'By SMTP',
    text: 'x',
  });
  await topic.send([{ id: 'owed', source: '/s', type: 'T', data: { n: 1 } }]);
  const before = await local<{ access_token: string }>('token?role=FullAdmin');

  await killAndStart();

  expect(await vault.getSecret('kept')).toMatchObject({ value: 'value' });
  const { value } = await local<{ value: { subject: string }[] }>('outbox');
  expect(value.map(({ subject }) => subject)).toEqual(['By service', 'By SMTP']);
  await expect(
    email.beginSend(
      {
        senderAddress: `donotreply@${test.options.senderDomain}`,
        content: { subject: 'Again', plainText: 'x' },
        recipients: { to: [{ address: 'ada@contoso.example' }] },
      },
      { operationId },
    ),
  ).rejects.toMatchObject({ statusCode: 409 });
  const after = await local<{ access_token: string }>('token?role=FullAdmin');
  expect(decodeProtectedHeader(after.access_token).kid).toBe(decodeProtectedHeader(before.access_token).kid);
  expect(await firstDelivery()).toMatchObject({ id: 'owed' });
});

/** The subscriber comes up only now. */
function firstDelivery(): Promise<unknown> {
  return new Promise((resolve) => {
    const subscriber = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.end();
        subscriber.close();
        subscriber.closeAllConnections();
        resolve(JSON.parse(Buffer.concat(chunks).toString()));
      });
    }).listen(subscriberPort, '127.0.0.1');
  });
}

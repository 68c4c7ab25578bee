import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import { FaultRegistry } from '../../faults/fault-registry';
import { openDatabase } from '../../stand-in-support/database';
import { createOutbox, type OutboxMail, outboxSchema } from '../outbox/outbox';
import { startTestAzure, type TestAzure } from '../test-azure';
import { startSmtpServer } from './smtp';
import { SmtpFaults } from './smtp-faults';
import { faultClient, type FaultClient } from '../test-fault-client';

let test: TestAzure;
let faults: FaultClient;
beforeAll(async () => {
  test = await startTestAzure();
  faults = faultClient(test.loginUrl);
});
afterAll(() => test.close());
afterEach(async () => {
  await faults.clear();
  await fetch(`${test.loginUrl}/local/outbox`, { method: 'DELETE' });
});

function send(subject = 'Alert'): Promise<unknown> {
  const auth = { user: 'mailer', pass: 'secret' };
  const host = { host: '127.0.0.1', port: test.options.ports.smtp, requireTLS: true };
  return createTransport({ ...host, auth }).sendMail({
    from: 'alerts@contoso.example',
    to: 'ada@contoso.example',
    subject,
    text: 'x',
  });
}

async function subjects(): Promise<string[]> {
  const response = await fetch(`${test.loginUrl}/local/outbox`);
  return ((await response.json()) as { value: OutboxMail[] }).value.map(({ subject }) => subject);
}

it.each([
  ['CONNECT', '127.0.0.1', 421, undefined],
  ['AUTH', 'mailer', 535, 'AUTH PLAIN'],
  ['MAIL', 'alerts@contoso.example', 451, 'MAIL FROM'],
  ['RCPT', 'ada@contoso.example', 550, 'RCPT TO'],
  ['DATA', 'ada@contoso.example', 552, 'DATA'],
])('refuses %s of “%s” with the reply code of the fault', async (method, path, status, command) => {
  const effect = { do: 'refuse', status, code: `${Math.floor(status / 100)}.7.1` };
  await faults.inject({ standIn: 'smtp', method, path, effect });
  await expect(send()).rejects.toMatchObject({
    responseCode: status,
    response: expect.stringMatching(/\d\.7\.1 An injected fault/) as string,
    ...(command === undefined ? {} : { command }),
  });
  expect(await subjects()).toEqual([]);
  await send();
  expect(await subjects()).toEqual(['Alert']);
});

it('says that it is busy when it is throttled', async () => {
  await faults.inject({ standIn: 'smtp', method: 'MAIL', effect: { do: 'throttle' } });
  await expect(send()).rejects.toMatchObject({
    responseCode: 451,
    response: expect.stringContaining('4.7.500 Server busy') as string,
  });
});

it('keeps no mail when the connection breaks before it is accepted', async () => {
  await faults.inject({
    standIn: 'smtp',
    method: 'DATA',
    body: 'Subject: Broken',
    effect: { do: 'disconnect' },
  });
  await expect(send('Broken')).rejects.toMatchObject({ code: 'ECONNECTION' });
  expect(await subjects()).toEqual([]);
});

it('keeps the mail when the connection breaks after it was accepted, so that a second try sends it twice', async () => {
  await faults.inject({ standIn: 'smtp', method: 'DATA', effect: { do: 'failAfterSuccess' } });
  await expect(send()).rejects.toMatchObject({ code: 'ECONNECTION' });
  expect(await subjects()).toEqual(['Alert']);
  await send();
  expect(await subjects()).toEqual(['Alert', 'Alert']);
});

it('accepts mails in another order', async () => {
  const effect = { do: 'reorder', seconds: 60 };
  await faults.inject({ standIn: 'smtp', method: 'DATA', body: 'Subject: First', effect });
  const first = send('First');
  while ((await faults.list())[0]?.met !== 1) await new Promise((resolve) => setTimeout(resolve, 10));
  await send('Second');
  await first;
  expect(await subjects()).toEqual(['Second', 'First']);
});

it('forgets connections that have ended, encrypted or not', async () => {
  const known = new SmtpFaults(new FaultRegistry());
  const database = openDatabase(path.join(test.options.dataDir, 'other.sqlite'), outboxSchema);
  const server = await startSmtpServer(0, test.options.tls, createOutbox(database), known);
  const mail = { from: 'a@contoso.example', to: 'b@contoso.example', text: 'x' };
  for (const encryption of [{ requireTLS: true }, { ignoreTLS: true }]) {
    await createTransport({ host: '127.0.0.1', port: server.port, ...encryption }).sendMail(mail);
  }
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'data');
  expect(known.connections).toBe(1);
  socket.destroy();
  while (known.connections > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.close();
  database.close();
});

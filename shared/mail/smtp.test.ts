import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { ensureCertificates } from '../../infra/local/stack/certificates';
import { trustAuthority } from '../../infra/local/stack/trust';
import { MailNotSent, type MailMessage, sendSmtp, type SmtpAccount } from './smtp';

const folder = mkdtempSync(path.join(tmpdir(), 'smtp-'));
const servers: SMTPServer[] = [];
let tls: { key: Buffer; cert: Buffer };

beforeAll(async () => {
  const { caFile, certFile, keyFile } = await ensureCertificates(folder);
  trustAuthority(caFile);
  tls = { key: readFileSync(keyFile), cert: readFileSync(certFile) };
});

afterAll(async () => {
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(resolve))));
  rmSync(folder, { recursive: true });
});

interface Received {
  email: Email;
  recipients: string[];
}

/** An SMTP server that keeps what it takes. */
async function serve(
  options: SMTPServerOptions = {},
): Promise<{ account: SmtpAccount; received: Received[] }> {
  const received: Received[] = [];
  const server = new SMTPServer({
    ...tls,
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        void PostalMime.parse(Buffer.concat(chunks)).then((email) => {
          received.push({ email, recipients: session.envelope.rcptTo.map(({ address }) => address) });
          callback(null);
        });
      });
    },
    ...options,
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const account: SmtpAccount = {
    host: 'localhost',
    port,
    tls: 'startTls',
    allowedPorts: [port],
    allowPrivateHosts: true,
    resolve: async () => ['127.0.0.1'],
  };
  return { account, received };
}

const mail = (fields: Partial<MailMessage> = {}): MailMessage => ({
  messageId: '1f2e@recording.example',
  from: { name: 'Session Recording', address: 'alerts@contoso.example' },
  to: ['ada@contoso.example', 'bob@contoso.example'],
  subject: 'Grüße',
  text: 'An event\r\n.\r\nafter a line with a dot',
  html: '<p>An event</p>',
  ...fields,
});

/** A server's refusal with a reply code. */
const refusal = (responseCode: number) => Object.assign(new Error('no'), { responseCode });

it('hands over text, HTML, sender, recipients and a fixed Message-ID', async () => {
  const { account, received } = await serve();
  expect(await sendSmtp(account, mail())).toEqual({ refused: [], answer: '250 OK: message queued' });
  expect(received[0]?.recipients).toEqual(['ada@contoso.example', 'bob@contoso.example']);
  expect(received[0]?.email).toMatchObject({
    from: { name: 'Session Recording', address: 'alerts@contoso.example' },
    messageId: '<1f2e@recording.example>',
    subject: 'Grüße',
  });
  expect(received[0]?.email.text).toContain('after a line with a dot');
  expect(received[0]?.email.html).toContain('<p>An event</p>');
});

it('signs in over TLS with the name and password of the account', async () => {
  const credentials = { userName: 'mailer', password: 'pa"ss;wörd' };
  const seen: unknown[] = [];
  const { account } = await serve({
    onAuth: ({ username, password }, session, callback) => {
      seen.push([username, password, session.secure]);
      callback(null, { user: username });
    },
  });
  await sendSmtp({ ...account, credentials }, mail());
  expect(seen).toEqual([['mailer', 'pa"ss;wörd', true]]);
});

it('lets no text become a header, a recipient or a second mail', async () => {
  const { account, received } = await serve();
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      'x\r\nBcc: eve@evil.example',
      'x\n\n<script>',
      'x\r\n.\r\nMAIL FROM:<a@b.c>',
      '"<eve@evil.example>"',
    ),
  );
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (name, subject) => {
      received.length = 0;
      await sendSmtp(account, mail({ from: { name, address: 'alerts@contoso.example' }, subject }));
      expect(received).toHaveLength(1);
      expect(received[0]?.recipients).toEqual(['ada@contoso.example', 'bob@contoso.example']);
      expect(received[0]?.email.from?.address).toBe('alerts@contoso.example');
      expect(
        received[0]?.email.headers
          .map(({ key }) => key)
          .filter((key) => key !== 'subject')
          .sort(),
      ).toEqual(['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'to']);
    }),
    { numRuns: 15 },
  );
}, 30_000);

describe('a recipient whom the server refuses', () => {
  const refusing = (codes: Record<string, number>) =>
    serve({
      onRcptTo: ({ address }, _session, callback) => {
        const code = codes[address.split('@')[0] ?? ''];
        callback(code === undefined ? null : refusal(code));
      },
    });

  it('is returned, with the answer, while the others have the mail', async () => {
    const { account, received } = await refusing({ bob: 550 });
    const bob = { address: 'bob@contoso.example', reason: '550 no', permanent: true };
    expect(await sendSmtp(account, mail())).toEqual({ refused: [bob], answer: '250 OK: message queued' });
    expect(received[0]?.recipients).toEqual(['ada@contoso.example']);
  });

  it('may be tried again after an answer of class 4', async () => {
    const { account } = await refusing({ bob: 450 });
    expect(await sendSmtp(account, mail())).toMatchObject({ refused: [{ permanent: false }] });
  });

  it('is returned in the same way when no recipient is left', async () => {
    const { account, received } = await refusing({ ada: 550, bob: 450 });
    expect(await sendSmtp(account, mail())).toEqual({
      refused: [
        { address: 'ada@contoso.example', reason: '550 no', permanent: true },
        { address: 'bob@contoso.example', reason: '450 no', permanent: false },
      ],
    });
    expect(received).toEqual([]);
  });
});

describe('a mail that is not taken', () => {
  const failureOf = (account: SmtpAccount) => sendSmtp(account, mail()).catch((error: unknown) => error);
  const refusing = (responseCode: number) =>
    serve({ onMailFrom: (_address, _session, callback) => callback(refusal(responseCode)) });

  it('may be tried again after an answer of class 4', async () => {
    const { account } = await refusing(451);
    expect(await failureOf(account)).toMatchObject({ permanent: false });
  });

  it('is refused for good by an answer of class 5', async () => {
    const { account } = await refusing(550);
    expect(await failureOf(account)).toMatchObject({ permanent: true });
  });

  it('may be tried again when nobody listens', async () => {
    const { account } = await serve();
    const port = 1;
    expect(await failureOf({ ...account, port, allowedPorts: [port] })).toMatchObject({ permanent: false });
  });

  it('is not sent without TLS', async () => {
    const { account, received } = await serve({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
    expect(await failureOf(account)).toBeInstanceOf(MailNotSent);
    expect(received).toEqual([]);
  });

  it('is not sent to a server with the certificate of another', async () => {
    const { account, received } = await serve();
    expect(await failureOf({ ...account, host: 'smtp.other.example' })).toBeInstanceOf(MailNotSent);
    expect(received).toEqual([]);
  });

  it('RSP-5: does not leave for a private address or a port that is not for mail', async () => {
    const { account, received } = await serve();
    expect(await failureOf({ ...account, allowPrivateHosts: false })).toMatchObject({ permanent: true });
    expect(await failureOf({ ...account, allowedPorts: [465, 587] })).toMatchObject({ permanent: true });
    expect(received).toEqual([]);
  });
});

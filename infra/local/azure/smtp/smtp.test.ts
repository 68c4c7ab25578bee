import { createTransport } from 'nodemailer';
import { type OutboxMail } from '../outbox/outbox';
import { startTestAzure, type TestAzure } from '../test-azure';

let test: TestAzure;
beforeAll(async () => {
  test = await startTestAzure();
});
afterAll(() => test.close());

async function outbox(query = ''): Promise<OutboxMail[]> {
  const response = await fetch(`${test.loginUrl}/local/outbox${query}`);
  return ((await response.json()) as { value: OutboxMail[] }).value;
}

const transport = (options: object = {}) =>
  createTransport({ host: '127.0.0.1', port: test.options.ports.smtp, requireTLS: true, ...options });

it('LOC-3: keeps what is sent over STARTTLS, newest last, with text, markup, headers and attachments', async () => {
  await transport().sendMail({
    from: '"Session Recording" <alerts@contoso.example>',
    to: ['ada@contoso.example', '"Bob" <bob@contoso.example>'],
    cc: 'carol@contoso.example',
    bcc: 'eve@contoso.example',
    subject: 'Grüße',
    messageId: '<fixed@contoso.example>',
    text: 'Ein Ereignis',
    html: '<p>Ein Ereignis</p>',
    headers: { 'X-Site': 's1' },
    attachments: [{ filename: 'a.txt', content: 'abc' }],
  });
  await transport().sendMail({ from: 'a@x.example', to: 'b@x.example', subject: 'Second', text: '2' });
  const [first, second] = await outbox();
  expect(first).toMatchObject({
    via: 'smtp',
    from: 'alerts@contoso.example',
    to: ['ada@contoso.example', 'bob@contoso.example'],
    cc: ['carol@contoso.example'],
    bcc: ['eve@contoso.example'],
    subject: 'Grüße',
    messageId: '<fixed@contoso.example>',
    text: expect.stringContaining('Ein Ereignis') as string,
    html: expect.stringContaining('<p>Ein Ereignis</p>') as string,
    attachments: [{ name: 'a.txt', sizeBytes: 3 }],
  });
  expect(first?.headers['x-site']).toBe('s1');
  expect(second?.subject).toBe('Second');
});

it('finds the mails of one recipient, whatever the case', async () => {
  expect((await outbox('?to=EVE@contoso.example')).map(({ subject }) => subject)).toEqual(['Grüße']);
  expect(await outbox('?to=nobody@contoso.example')).toEqual([]);
});

it('accepts any user, and keeps the name but not the password', async () => {
  await transport({ auth: { user: 'mailer', pass: 'hunter2-secret' } }).sendMail({
    from: 'a@x.example',
    to: 'auth@x.example',
    subject: 'Signed in',
    text: 'x',
  });
  const [mail] = await outbox('?to=auth@x.example');
  expect(mail?.authenticatedUser).toBe('mailer');
  expect(JSON.stringify(mail)).not.toContain('hunter2-secret');
});

it('offers no sign-in before STARTTLS', async () => {
  const plain = transport({ requireTLS: false, ignoreTLS: true, auth: { user: 'mailer', pass: 'x' } });
  await expect(plain.verify()).rejects.toThrow();
});

it('is empty after it has been cleared', async () => {
  expect((await fetch(`${test.loginUrl}/local/outbox`, { method: 'DELETE' })).status).toBe(204);
  expect(await outbox()).toEqual([]);
});

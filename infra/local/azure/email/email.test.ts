import { randomUUID } from 'node:crypto';
import { EmailClient, type EmailMessage } from '@azure/communication-email';
import { type OutboxMail } from '../outbox/outbox';
import { startTestAzure, type TestAzure } from '../test-azure';
import { faultClient } from '../test-fault-client';

let test: TestAzure;
beforeAll(async () => {
  test = await startTestAzure();
});
afterAll(() => test.close());

const message = (subject: string, change: Partial<EmailMessage> = {}): EmailMessage => ({
  senderAddress: 'donotreply@session-recording.example',
  content: { subject, plainText: 'The text', html: '<p>The text</p>' },
  recipients: { to: [{ address: 'ada@contoso.example', displayName: 'Ada' }] },
  ...change,
});

/** A client that sends these headers with every request, as the app's pipeline policy does. */
function client(headers: Record<string, string> = {}): EmailClient {
  const policy = {
    name: 'headers',
    sendRequest: (...[request, next]: Parameters<NonNullable<Policies>[number]['policy']['sendRequest']>) => {
      for (const [name, value] of Object.entries(headers)) {
        request.headers.set(name, value);
      }
      return next(request);
    },
  };
  return new EmailClient(test.emailEndpoint, test.credential, {
    additionalPolicies: [{ policy, position: 'perCall' }],
    retryOptions: { maxRetries: 0 },
  });
}
type Policies = NonNullable<ConstructorParameters<typeof EmailClient>[2]>['additionalPolicies'];

async function outbox(subject: string): Promise<OutboxMail[]> {
  const response = await fetch(`${test.loginUrl}/local/outbox`);
  const { value } = (await response.json()) as { value: OutboxMail[] };
  return value.filter((mail) => mail.subject === subject);
}

const firstSent = (minutesAgo = 0): string => new Date(Date.now() - minutesAgo * 60_000).toUTCString();

describe('sending', () => {
  it('puts the mail into the outbox and reports the operation as succeeded', async () => {
    const poller = await client().beginSend(
      message('Full', {
        headers: { 'X-Site': 's1' },
        recipients: {
          to: [{ address: 'ada@contoso.example' }],
          cc: [{ address: 'bob@contoso.example' }],
          bcc: [{ address: 'eve@contoso.example' }],
        },
        attachments: [{ name: 'a.txt', contentType: 'text/plain', contentInBase64: 'YWJj' }],
      }),
    );
    const result = await poller.pollUntilDone();
    expect(result).toMatchObject({ status: 'Succeeded', id: expect.any(String) as string });
    expect(await outbox('Full')).toEqual([
      {
        id: expect.any(String) as string,
        receivedAt: expect.stringMatching(/Z$/) as string,
        via: 'communicationServices',
        from: 'donotreply@session-recording.example',
        to: ['ada@contoso.example'],
        cc: ['bob@contoso.example'],
        bcc: ['eve@contoso.example'],
        subject: 'Full',
        messageId: `<${result.id}@session-recording.example>`,
        headers: { 'x-site': 's1' },
        text: 'The text',
        html: '<p>The text</p>',
        attachments: [{ name: 'a.txt', sizeBytes: 3 }],
      },
    ]);
  });

  it.each([
    ['another domain', { senderAddress: 'ceo@contoso.example' }, 404, 'DomainNotLinked'],
    ['no recipient', { recipients: { to: [] } }, 400, 'BadRequest'],
    ['a recipient that is no address', { recipients: { to: [{ address: 'ada' }] } }, 400, 'BadRequest'],
    ['no text', { content: { subject: 'x' } as EmailMessage['content'] }, 400, 'BadRequest'],
    [
      'too many recipients',
      { recipients: { to: Array.from({ length: 51 }, (_, n) => ({ address: `u${n}@contoso.example` })) } },
      400,
      'BadRequest',
    ],
  ])('refuses a mail from or with %s', async (_what, change, statusCode, code) => {
    await expect(client().beginSend(message('Refused', change))).rejects.toMatchObject({ statusCode, code });
    expect(await outbox('Refused')).toEqual([]);
  });

  it('refuses an Operation-Id that was used before, and one that is no GUID', async () => {
    const operationId = randomUUID();
    await client().beginSend(message('Once'), { operationId });
    await expect(client().beginSend(message('Once'), { operationId })).rejects.toMatchObject({
      statusCode: 409,
    });
    await expect(client({ 'operation-id': 'mine' }).beginSend(message('Once'))).rejects.toMatchObject({
      statusCode: 400,
    });
    expect(await outbox('Once')).toHaveLength(1);
  });

  it('refuses a caller without a token for Communication Services', async () => {
    const refused = await fetch(`${test.emailEndpoint}/emails:send?api-version=2023-03-31`, {
      method: 'POST',
    });
    expect(refused.status).toBe(401);
  });
});

describe('the state of an operation', () => {
  async function status(id: string): Promise<Response> {
    const { token } = await test.credential.getToken('https://communication.azure.com//.default');
    return fetch(`${test.emailEndpoint}/emails/operations/${id}?api-version=2023-03-31`, {
      headers: { authorization: `Bearer ${token}` },
    });
  }

  it('can be asked for by the id that the sender chose, and is 404 for an unknown one', async () => {
    const operationId = randomUUID();
    await client().beginSend(message('Asked'), { operationId });
    const running = await status(operationId);
    expect(await running.json()).toEqual({ id: operationId, status: 'Running' });
    expect(running.headers.get('retry-after')).toBe('1');
    let answer: unknown;
    do answer = await (await status(operationId)).json();
    while ((answer as { status: string }).status === 'Running');
    expect(answer).toEqual({ id: operationId, status: 'Succeeded' });
    expect((await status(randomUUID())).status).toBe(404);
  });
});

describe('repeatable requests', () => {
  it('send once although the first answer is lost and the client tries again', async () => {
    const faults = faultClient(test.loginUrl);
    const { id } = await faults.inject({
      standIn: 'email',
      method: 'POST',
      effect: { do: 'failAfterSuccess' },
    });
    const headers = { 'Repeatability-Request-ID': randomUUID(), 'Repeatability-First-Sent': firstSent() };
    await expect(client(headers).beginSend(message('Lost'))).rejects.toMatchObject({ code: 'ECONNRESET' });
    await client(headers).beginSend(message('Lost'));
    expect(await outbox('Lost')).toHaveLength(1);
    expect(await faults.list()).toMatchObject([{ id, met: 1 }]);
    await faults.clear();
  });

  it('send once, and answer with the same operation', async () => {
    const headers = { 'Repeatability-Request-ID': randomUUID(), 'Repeatability-First-Sent': firstSent(1) };
    const first = await (await client(headers).beginSend(message('Repeated'))).pollUntilDone();
    const second = await (await client(headers).beginSend(message('Repeated'))).pollUntilDone();
    expect(second.id).toBe(first.id);
    expect(await outbox('Repeated')).toHaveLength(1);
  });

  it('are refused when the second differs from the first', async () => {
    const headers = { 'Repeatability-Request-ID': randomUUID(), 'Repeatability-First-Sent': firstSent() };
    await client(headers).beginSend(message('First'));
    await expect(client(headers).beginSend(message('Second'))).rejects.toMatchObject({ statusCode: 400 });
    expect(await outbox('Second')).toEqual([]);
  });

  it('are refused when first sent more than five minutes ago', async () => {
    const headers = { 'Repeatability-Request-ID': randomUUID(), 'Repeatability-First-Sent': firstSent(6) };
    await expect(client(headers).beginSend(message('Late'))).rejects.toMatchObject({ statusCode: 412 });
    expect(await outbox('Late')).toEqual([]);
  });

  it.each([
    ['an id that is no GUID', { 'Repeatability-Request-ID': 'x', 'Repeatability-First-Sent': firstSent() }],
    [
      'a time in another format',
      { 'Repeatability-Request-ID': randomUUID(), 'Repeatability-First-Sent': '2026-01-01' },
    ],
    ['only one of the headers', { 'Repeatability-Request-ID': randomUUID() }],
  ])('are refused with %s', async (_what, headers) => {
    await expect(client(headers).beginSend(message('Odd'))).rejects.toMatchObject({ statusCode: 400 });
  });
});

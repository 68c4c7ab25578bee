/** The token endpoint, as RFC 6749 describes it. */
import { HttpRequest } from '@azure/functions';
import {
  MACHINE,
  type RecordingServerTest,
  startRecordingServerTest,
} from '../../tests/support/recording-server';
import { call } from '../../tests/support/call';
import { CONTOSO } from '../../tests/support/test-issuer';
import { runOperation } from '../../shared/http/run-operation';
import { lineLog } from '../../shared/telemetry/telemetry';
import { identityOperations } from '../identity';
import { postToken } from './token-operation';

let test: RecordingServerTest;
let clientId: string;
let clientSecret: string;

beforeAll(async () => {
  test = await startRecordingServerTest();
  const create = identityOperations.find(({ id }) => id === 'createSecureClient');
  if (!create) throw new Error('there is no operation that makes secure clients');
  const token = await test.issuer.token();
  const { body } = await call(test.services, create, { token, body: { name: 'Servers of Paris' } });
  clientId = String(body['clientId']);
  clientSecret = String(body['secret']);
});

afterAll(() => test.close());

const ask = async (form: Record<string, string>, basic?: [string, string]) => {
  const encoded = basic && Buffer.from(basic.map(encodeURIComponent).join(':')).toString('base64');
  const response = await runOperation(
    postToken,
    new HttpRequest({
      method: 'POST',
      url: 'https://recording.test/api/cloud-client/v1/token',
      body: { string: new URLSearchParams(form).toString() },
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(encoded ? { authorization: `Basic ${encoded}` } : {}),
      },
    }),
    { services: test.services, log: lineLog(() => undefined), traceId: 'trace' },
  );
  const headers = response.headers as Record<string, string>;
  return {
    status: response.status,
    headers,
    body: JSON.parse(response.body as string) as Record<string, unknown>,
  };
};
const granted = { grant_type: 'client_credentials' };

describe('CCL-1: the token endpoint', () => {
  it.each(['form fields', 'HTTP Basic'])('takes the credentials as %s', async (way) => {
    const answer =
      way === 'HTTP Basic'
        ? await ask(granted, [clientId, clientSecret])
        : await ask({ ...granted, client_id: clientId, client_secret: clientSecret, audience: 'ignored' });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 900 });
    const token = String(answer.body['access_token']);
    expect(await test.services.clientTokens.verify(token)).toMatchObject({
      customerId: CONTOSO,
      id: clientId,
    });
    const body = { ...MACHINE, clientTime: test.time() };
    expect((await test.send('registerServer', { token, body })).status).toBe(200);
  });

  it('refuses a wrong secret as the RFC says', async () => {
    const answer = await ask(granted, [clientId, 'wrong']);
    expect(answer.status).toBe(401);
    expect(answer.body['error']).toBe('invalid_client');
    expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
  });

  it.each([
    ['unsupported_grant_type', 400, { grant_type: 'password' }],
    ['invalid_request', 400, {}],
    ['invalid_client', 401, granted],
  ])('answers %s (%i)', async (error, status, form) => {
    const answer = await ask(form);
    expect(answer).toMatchObject({
      status,
      body: { error, error_description: expect.any(String) as string },
    });
  });

  it('refuses credentials that are given twice', async () => {
    const twice = await ask({ ...granted, client_secret: clientSecret }, [clientId, clientSecret]);
    expect(twice).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const other = await ask({ ...granted, client_id: 'other' }, [clientId, clientSecret]);
    expect(other).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

/** Failures to get an access token: requests that need one answer 503 and are retried, whatever the SDK threw. */
import { AuthenticationError, CredentialUnavailableError, type TokenCredential } from '@azure/identity';
import { boundedCredential } from './credential';
import { toProblem } from './http/respond';

const failing = (error: Error): TokenCredential => ({ getToken: () => Promise.reject(error) });

test.each([
  ['an issuer that drops connections', new AuthenticationError(400, { error: 'network_error' })],
  ['an issuer that is overloaded', new AuthenticationError(503, '{}')],
  ['a wrong client secret', new AuthenticationError(401, { error: 'invalid_client' })],
  ['no managed identity', new CredentialUnavailableError('no managed identity endpoint found')],
  ['an answer that cannot be parsed', new SyntaxError('Unexpected token')],
])('%s makes the service unavailable, not the request faulty', async (_, error) => {
  const failure: unknown = await boundedCredential(failing(error))
    .getToken('https://vault.azure.net/.default')
    .catch((caught: unknown) => caught);
  expect(failure).toMatchObject({ cause: error });
  expect(toProblem(failure)).toMatchObject({ status: 503, code: 'unavailable' });
});

test('passes tokens on', async () => {
  const token = { token: 'a.b.c', expiresOnTimestamp: 1 };
  const credential = boundedCredential({ getToken: () => Promise.resolve(token) });
  expect(await credential.getToken('https://vault.azure.net/.default')).toBe(token);
});

/** Refused sign-ins, in the words of the client library. */
import { AzureError, isRetryable } from './azure-error';
import { signInError } from './sign-in-errors';

/** As MSAL writes it. */
const refusal = (code: number, reason: string) =>
  new Error(
    `invalid_client: Error(s): ${code} - Timestamp: 2026-11-30 05:56:26Z - Description: AADSTS${code}: ${reason} ` +
      'Trace ID: b60402b7-9fec-433b-9ac6-b904c42d4bbd Correlation ID: c846bb83-30ba-4a58-8f5f-eab96a8a91fb ' +
      'Timestamp: 2026-11-30 05:56:26Z - Correlation ID: c846bb83-30ba-4a58-8f5f-eab96a8a91fb',
  );

it.each([
  [7000215, 'Invalid client secret provided.', /value of the secret, not its id/],
  [7000222, "The provided client secret keys for app 'x' are expired.", /has expired\. Create another/],
  [90002, "Tenant 'x' not found.", /Check the directory \(tenant\) id/],
  [700016, "Application with identifier 'x' was not found.", /Check the application \(client\) id/],
  [53003, 'Access has been blocked by Conditional Access policies.', /Conditional Access/],
  [999999, 'Something new.', /^Something new\.$/],
])(
  'HST-1: AADSTS%d keeps its code and reason and says what to do; no other try can succeed',
  (code, reason, advice) => {
    const error = signInError(refusal(code, reason));
    expect(error).toMatchObject({
      status: 401,
      info: { code: `AADSTS${code}`, correlationId: 'c846bb83-30ba-4a58-8f5f-eab96a8a91fb' },
    });
    expect(error.info.message).toMatch(advice);
    expect(error.info.message).toContain(reason);
    expect(isRetryable(error)).toBe(false);
  },
);

it('HST-1: an overloaded or silent directory is asked again later', () => {
  expect(isRetryable(signInError(refusal(90033, 'A transient error has occurred.')))).toBe(true);
  expect(isRetryable(signInError(new Error('endpoints_resolution_error')))).toBe(true);
});

it('HST-1: an error of Azure stays as it is', () => {
  const error = new AzureError({ code: 'ClientSecretMissing', message: 'Enter it again.' }, 401);
  expect(signInError(error)).toBe(error);
});

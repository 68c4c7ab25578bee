/** The token endpoint: client credentials for an access token (RFC 6749, section 4.4). */
import { z } from 'zod';
import { operation } from '../../shared/http/operation';
import { CLIENT_TOKEN_SECONDS } from '../../shared/identity/client-tokens';
import { Problem } from '../../shared/problem';
import { authenticateSecureClient } from '../identity';
import { BASE_PATH, TAG } from './paths';

/** Unknown parameters are ignored, as the RFC requires. */
const tokenRequest = z
  .object({
    grant_type: z.string().max(100).describe('`client_credentials`'),
    client_id: z.string().max(200).optional().describe('Instead of HTTP Basic'),
    client_secret: z.string().max(1_000).optional().describe('Instead of HTTP Basic'),
  })
  .meta({ id: 'TokenRequest' });

const token = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().describe('Seconds'),
  })
  .meta({ id: 'Token' });

type Credentials = { clientId: string; clientSecret: string };

export const postToken = operation({
  id: 'issueClientToken',
  method: 'POST',
  path: `${BASE_PATH}/token`,
  tag: TAG,
  summary: 'Exchange the credentials of a secure client for an access token',
  description:
    'Send client id and secret by HTTP Basic or as form fields, not both. It is valid for 15 minutes and for the ' +
    'operations of this tag only. Errors are those of RFC 6749, section 5.2.',
  access: 'anybody',
  body: tokenRequest,
  bodyFormat: { form: true, maxBytes: 16_384 },
  success: { status: 200, description: 'The token', body: token },
  problems: ['unauthenticated'],
  oauthErrors: true,
  async handle({ body, basic, services, clientAddress, traceId }) {
    if (body.grant_type !== 'client_credentials') {
      throw new Problem('bad-request', 'The only supported grant type is client_credentials.', {
        extensions: { error: 'unsupported_grant_type' },
      });
    }
    const credentials = credentialsOf(body, basic);
    const client = await authenticateSecureClient(services, {
      ...credentials,
      address: clientAddress,
      traceId,
    });
    const accessToken = await services.clientTokens.issue(client);
    return {
      body: { access_token: accessToken, token_type: 'Bearer' as const, expires_in: CLIENT_TOKEN_SECONDS },
      headers: { pragma: 'no-cache' },
    };
  },
});

function credentialsOf(
  { client_id: clientId, client_secret: clientSecret }: z.output<typeof tokenRequest>,
  basic: { id: string; secret: string } | undefined,
): Credentials {
  if (basic && clientSecret !== undefined)
    throw new Problem('bad-request', 'Send the secret by HTTP Basic or as a form field, not both.');
  if (basic && clientId !== undefined && clientId !== basic.id)
    throw new Problem('bad-request', 'The client ids of HTTP Basic and the form differ.');
  if (basic) return { clientId: basic.id, clientSecret: basic.secret };
  if (clientId === undefined || clientSecret === undefined)
    throw new Problem('unauthenticated', 'Send client_id and client_secret, or HTTP Basic.');
  return { clientId, clientSecret };
}

/** `GET /local/token`: an administrator's token without a sign-in, for local use. */
import { HttpError } from '../../stand-in-support/errors';
import { type Handler } from '../../stand-in-support/server';
import {
  administratorRoles,
  lifetimeSeconds,
  type AdministratorRole,
  type TokenIssuer,
} from './token-issuer';

/** Query: `role` (required), `customer`, `user`, `group` (repeatable). */
export function administratorTokenHandler(issuer: TokenIssuer): Handler {
  return async (request) => {
    const query = request.url.searchParams;
    const token = await issuer.forAdministrator({
      role: parseRole(query.get('role')),
      customer: query.get('customer') || 'contoso',
      user: query.get('user') || 'ada@contoso.example',
      groups: query.getAll('group').filter((group) => group !== ''),
    });
    const body = { access_token: token, token_type: 'Bearer', expires_in: lifetimeSeconds };
    return { status: 200, headers: { 'cache-control': 'no-store' }, body };
  };
}

function parseRole(value: string | null): AdministratorRole | undefined {
  const role = administratorRoles.find((known) => known === value);
  if (role === undefined && value !== 'none') {
    const known = [...administratorRoles, 'none'].join(', ');
    throw new HttpError(400, 'Bad Request', `Role '${value ?? ''}' does not exist; the roles are ${known}.`);
  }
  return role;
}

/** Authenticates the Authorization header and authorizes the caller for the operation. */
import type { HttpRequest } from '@azure/functions';
import type { Administrator, Caller } from '../identity/caller';
import { needsOwnRole, PERMISSIONS, type AdministratorKind } from '../identity/permissions';
import { unauthenticated } from '../identity/token-verifier';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { Operation } from './operation';

/** The verified caller. @throws Problem `unauthenticated` */
export async function authenticate(
  operation: Operation,
  request: HttpRequest,
  services: Services,
): Promise<Caller> {
  if (operation.access === 'anybody') return { type: 'anonymous' };
  const token = bearerToken(request);
  if (operation.access === 'cloud-client') {
    const client = await services.clientTokens.verify(token);
    await services.activeClients.require(client);
    return client;
  }
  const administrator = await services.groupRoles.apply(await services.tokens.verify(token));
  // In the background: nobody waits for it.
  void services.seenAdministrators.note(administrator);
  return administrator;
}

/** Whether the caller's role allows the operation. @throws Problem `forbidden`, `role-through-group` */
export function authorise(operation: Operation, caller: Caller): void {
  if (
    caller.type !== 'administrator' ||
    operation.access === 'cloud-client' ||
    operation.access === 'anybody'
  )
    return;
  const allowed: readonly AdministratorKind[] = PERMISSIONS[operation.access];
  if (!caller.kind || !allowed.includes(caller.kind))
    throw new Problem(
      'forbidden',
      caller.kind ? `This needs one of the roles: ${allowed.join(', ')}.` : noRole(caller),
    );
  if (caller.throughGroup && needsOwnRole(operation.access))
    throw new Problem(
      'role-through-group',
      'Your role comes from a group of yours, which is not enough for this: have the role assigned to you.',
    );
}

function noRole(caller: Administrator): string {
  return caller.groupOverage
    ? 'You have no role here. Your token left its groups out because there are too many: have a role assigned to you.'
    : 'You have no role here: a full administrator can assign one to you or to a group of yours.';
}

/** Client id and secret of HTTP Basic (RFC 7617, form-encoded as RFC 6749 §2.3.1 requires), if sent. */
export function basicCredentials(request: HttpRequest): { id: string; secret: string } | undefined {
  const match = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.headers.get('authorization') ?? '');
  const text = Buffer.from(match?.[1] ?? '', 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  try {
    const decode = (part: string) => decodeURIComponent(part.replaceAll('+', ' '));
    return { id: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) };
  } catch {
    return undefined;
  }
}

function bearerToken(request: HttpRequest): string {
  const match = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(request.headers.get('authorization') ?? '');
  if (!match?.[1]) throw unauthenticated('Send an access token: Authorization: Bearer <token>.');
  return match[1];
}

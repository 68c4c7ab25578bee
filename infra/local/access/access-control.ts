/** Role-based access control as Azure does it: who may do what, by the roles that a deployment assigns; and a record. */
import { permits } from '../../azure/built-in-roles';
import { rolesOf } from '../../azure/role-assignments';
import { type ServicePrincipal } from '../azure/login/token-issuer';
import { identitiesOf, IDENTITY_NAMES, objectIdOfIdentity, type IdentityName } from './identities';

/** What a call needs: one of these lists of permissions, the whole list. */
export type Needed = readonly (readonly string[])[];

/** A kind of call, as Azure's documentation names it, and what it needs. */
export interface Operation {
  readonly name: string;
  readonly needed: Needed;
}

/** What an identity has called. */
export interface AccessRecord {
  readonly identity: IdentityName | 'unknown';
  readonly operation: string;
  readonly needed: Needed;
  readonly allowed: boolean;
}

/** Where the records are read: `{ value: AccessRecord[] }`. */
export const ACCESS_PATH = '/local/access';

export class AccessControl {
  private readonly identities: ReadonlyMap<string, IdentityName>;
  private readonly records = new Map<string, AccessRecord>();

  /** `app`: the app's own identity; every other one follows from it. */
  constructor(app: ServicePrincipal) {
    const identities = identitiesOf(app);
    this.identities = new Map(
      IDENTITY_NAMES.map((name) => [objectIdOfIdentity(identities[name]), name] as const),
    );
  }

  /** Whether the principal with this object id may do it. Every outcome is recorded. */
  allows(objectId: unknown, { name, needed }: Operation): boolean {
    const identity = typeof objectId === 'string' ? this.identities.get(objectId) : undefined;
    const key = `${identity} ${name}`;
    const known = this.records.get(key);
    if (known !== undefined) return known.allowed;
    const allowed = identity !== undefined && isAllowed(identity, needed);
    this.records.set(key, { identity: identity ?? 'unknown', operation: name, needed, allowed });
    return allowed;
  }

  /** One record for each identity and operation so far. */
  list(): AccessRecord[] {
    return [...this.records.values()];
  }
}

function isAllowed(identity: IdentityName, needed: Needed): boolean {
  if (identity === 'deployment') return true;
  const roles = rolesOf(identity);
  return needed.some((permissions) => permissions.every((permission) => permits(roles, permission)));
}

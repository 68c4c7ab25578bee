/** The names of policies: unique among those of one kind at a site, the system-defined ones included (POL-1). */
import type { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { type Named, holderOf, nameIsTaken, type NameScope } from '../../shared/unique-names';
import type { PolicyKind } from './engine';
import { policyType } from './policy-documents';
import { POLICY_KINDS } from './policy-kinds';

/** The policies among which names are unique. */
export interface PolicyPlace {
  customerId: string;
  siteId: string;
  kind: PolicyKind;
}

export function policyNameScope({ siteId, kind }: Pick<PolicyPlace, 'siteId' | 'kind'>): NameScope {
  return ['policy', siteId, kind];
}

/** Ids and names of all policies of a kind at a site. */
export async function policyNames(
  { database }: Pick<Services, 'database'>,
  { customerId, siteId, kind }: PolicyPlace,
): Promise<Named[]> {
  const stored = await database
    .control(customerId)
    .query<Named>(
      `SELECT c.id, c.name FROM c WHERE c.type = '${policyType.name}' AND c.siteId = @siteId AND c.kind = @kind`,
      [
        { name: '@siteId', value: siteId },
        { name: '@kind', value: kind },
      ],
    );
  const own = stored.map(({ id, name }) => ({ id: id.slice(policyType.name.length + 1), name }));
  return [...POLICY_KINDS[kind].systemDefined.map(({ id, name }) => ({ id, name })), ...own];
}

/**
 * Checks that no other policy has the name.
 * @param advice how the caller can avoid the conflict
 * @param pointer where the request has the name; null: nowhere
 * @throws Problem `already-exists` that names the other policy
 */
export function requireFreeName(
  names: readonly Named[],
  siteId: string,
  policy: Named,
  advice: string,
  pointer: '/name' | null = '/name',
): void {
  const holder = holderOf(names, policy);
  if (holder) throw takenName(holder, siteId, advice, pointer);
}

function takenName({ id, name }: Named, siteId: string, advice: string, pointer: '/name' | null): Problem {
  return nameIsTaken(`The policy ${JSON.stringify(name)} of the site (${id})`, {
    advice,
    conflict: { siteId, policyId: id, name },
    pointer,
  });
}

/** Directory groups that a full admin mapped to a role (IAM-4), as authentication needs them. */
import type { Clock } from '../clock';
import type { Database } from '../cosmos/database';
import { documentType } from '../cosmos/document-type';
import type { Administrator } from './caller';
import { type AdministratorKind, strongestKind } from './permissions';

export interface AdministratorGroup {
  /** Object id of the group in the directory. */
  id: string;
  name: string;
  kind: AdministratorKind;
}

export const administratorGroupType = documentType<AdministratorGroup>('administrator-group', {
  ttlSeconds: 'never',
});

/** A mapped group takes effect on every instance within this time. */
const CACHE_MS = 2_000;
const CACHED_CUSTOMERS = 1_000;

/** Gives administrators the strongest of their app roles and the roles of their mapped groups. */
export class GroupRoles {
  private readonly cache = new Map<string, { kinds: Map<string, AdministratorKind>; readAt: number }>();

  constructor(
    private readonly database: Pick<Database, 'control'>,
    private readonly clock: Clock,
  ) {}

  async apply(administrator: Administrator): Promise<Administrator> {
    const { kind: own, groups } = administrator;
    if (own === 'fullAdmin' || groups.length === 0) return administrator;
    const kinds = await this.kinds(administrator.customerId);
    const kind = strongestKind([...(own ? [own] : []), ...groups.flatMap((group) => kinds.get(group) ?? [])]);
    return kind === own ? administrator : { ...administrator, kind, throughGroup: true };
  }

  private async kinds(customerId: string): Promise<Map<string, AdministratorKind>> {
    const now = this.clock.now().getTime();
    const cached = this.cache.get(customerId);
    if (cached && now - cached.readAt < CACHE_MS) return cached.kinds;
    const groups = await this.database.control(customerId).list(administratorGroupType, { limit: 1_000 });
    const kinds = new Map(groups.map((group) => [group.id, group.kind]));
    if (this.cache.size >= CACHED_CUSTOMERS) this.cache.clear();
    this.cache.set(customerId, { kinds, readAt: now });
    return kinds;
  }
}

/** The administrators of a customer, as their tokens showed them: there is no directory to ask. */
import type { Clock } from '../clock';
import type { Database } from '../cosmos/database';
import { days, documentType } from '../cosmos/document-type';
import type { Administrator } from './caller';
import type { AdministratorKind } from './permissions';

export interface SeenAdministrator {
  /** Object id in the directory. */
  id: string;
  name: string;
  /** Of the role when it was last seen. */
  kind: AdministratorKind;
  throughGroup: boolean;
  isApplication: boolean;
}

/** Who has not been seen for a year is no longer listed; the permissions are kept. */
export const seenAdministratorType = documentType<SeenAdministrator>('administrator', {
  ttlSeconds: days(366),
});

/** Written again after this time, so that its lifetime starts over. */
const REWRITE_MILLISECONDS = 7 * 86_400_000;
const REMEMBERED = 10_000;

/** Notes administrators when they are first seen or have changed: most requests write nothing. */
export class SeenAdministrators {
  private readonly noted = new Map<string, { as: string; at: number }>();

  constructor(
    private readonly database: Pick<Database, 'control'>,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the administrator is noted; a failure is left to the next request. Callers without a role are not noted. */
  async note({ customerId, id, name, kind, throughGroup, isApplication }: Administrator): Promise<void> {
    if (kind === undefined) return;
    const key = `${customerId} ${id}`;
    const seen: SeenAdministrator = { id, name, kind, throughGroup, isApplication };
    const as = JSON.stringify(seen);
    const now = this.clock.now().getTime();
    const known = this.noted.get(key);
    if (known?.as === as && Math.abs(now - known.at) < REWRITE_MILLISECONDS) return;
    this.remember(key, { as, at: now });
    try {
      await this.database.control(customerId).upsert(seenAdministratorType, seen);
    } catch {
      this.noted.delete(key);
    }
  }

  private remember(key: string, seen: { as: string; at: number }): void {
    if (this.noted.size >= REMEMBERED) this.noted.clear();
    this.noted.set(key, seen);
  }
}

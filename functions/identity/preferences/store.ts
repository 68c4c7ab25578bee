/** Reads and writes preferences. */
import type { AuditTrail } from '../../../shared/audit/audit-entry';
import type { Stored } from '../../../shared/cosmos/document-type';
import type { ControlReader } from '../../../shared/cosmos/recent-control';
import { DocumentExists, DocumentStale } from '../../../shared/cosmos/errors';
import { change } from '../../../shared/cosmos/partition';
import type { Administrator } from '../../../shared/identity/caller';
import { sha256Hex } from '../../../shared/ids';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import {
  type CustomerPreferences,
  customerPreferencesType,
  DEFAULT_PREFERENCES,
  type FastSeek,
  type OwnPreferences,
  ownPreferencesType,
  type Preferences,
} from './preferences';

type Reading = Pick<Services, 'database'>;

export interface StoredPreferences {
  own: Stored<OwnPreferences> | undefined;
  customer: Stored<CustomerPreferences> | undefined;
  preferences: Preferences;
  /** Changes with either document. */
  etag: string;
}

/** What holds for the administrator; defaults where nothing was chosen. */
export async function findPreferences(
  { database }: Reading,
  { customerId, id }: Pick<Administrator, 'customerId' | 'id'>,
): Promise<StoredPreferences> {
  const [own, customer] = await Promise.all([
    database.people(customerId, id).read(ownPreferencesType, 'own'),
    database.control(customerId).read(customerPreferencesType, 'customer'),
  ]);
  const preferences = {
    playerCacheMegabytes: own?.playerCacheMegabytes ?? DEFAULT_PREFERENCES.playerCacheMegabytes,
    fastSeek: customer?.fastSeek ?? DEFAULT_PREFERENCES.fastSeek,
  };
  const etag = `"${sha256Hex(JSON.stringify([own?.etag, customer?.etag]))}"`;
  return { own, customer, preferences, etag };
}

/** Fast seek of the customer's recordings. */
export async function findFastSeek(
  { database }: { database: ControlReader },
  customerId: string,
): Promise<FastSeek> {
  const stored = await database.control(customerId).read(customerPreferencesType, 'customer');
  return stored?.fastSeek ?? DEFAULT_PREFERENCES.fastSeek;
}

interface PreferencesChange {
  caller: Administrator;
  stored: StoredPreferences;
  next: Preferences;
  audit: AuditTrail;
}

/**
 * Fast seek is written first, with its audit entry: whoever may not change it changes nothing.
 * @throws Problem `forbidden`, DocumentStale
 */
export async function savePreferences(
  { database }: Reading,
  { caller, stored: { own, customer, preferences }, next, audit }: PreferencesChange,
): Promise<void> {
  const { customerId, id, kind } = caller;
  if (JSON.stringify(next.fastSeek) !== JSON.stringify(preferences.fastSeek)) {
    if (kind !== 'fullAdmin')
      throw new Problem(
        'forbidden',
        'Fast seek applies to all recordings: only a full administrator can change it. Send it back as you read it.',
      );
    const document: CustomerPreferences = { id: 'customer', fastSeek: next.fastSeek };
    await staleIfCreated(() =>
      audit.commit(
        [
          customer
            ? change.replace(customerPreferencesType, document, customer.etag)
            : change.create(customerPreferencesType, document),
        ],
        {
          target: { type: 'preferences', id: customerId },
          old: preferences.fastSeek,
          new: next.fastSeek,
        },
      ),
    );
  }
  if (next.playerCacheMegabytes === preferences.playerCacheMegabytes) return;
  const document: OwnPreferences = { id: 'own', playerCacheMegabytes: next.playerCacheMegabytes };
  const people = database.people(customerId, id);
  await staleIfCreated(() =>
    people.commit([
      own
        ? change.replace(ownPreferencesType, document, own.etag)
        : change.create(ownPreferencesType, document),
    ]),
  );
}

/** What was there for the first time meanwhile was changed since it was read. */
async function staleIfCreated(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof DocumentExists)
      throw new DocumentStale('It was set for the first time meanwhile.', { cause: error });
    throw error;
  }
}

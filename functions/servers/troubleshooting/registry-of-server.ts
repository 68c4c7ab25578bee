/** The registry values of a server as they were last known, and tasks that read and write them (TRB-2). */
import { z } from 'zod';
import { days, documentType } from '../../../shared/cosmos/document-type';
import { retryConflicts } from '../../../shared/cosmos/retry';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { REGISTRY_KEYS } from '../commands/kinds/registry-keys';
import {
  type FoundRegistryValue,
  foundRegistryData,
  type RegistryData,
  type RegistryValueName,
} from '../commands/kinds/registry-value';
import { catalogueEntry, REGISTRY_CATALOGUE, sameName } from './registry-catalogue';
import { serverTaskKind, type ServerTaskContext } from './server-task';

interface KnownValue extends FoundRegistryValue {
  readAt: string;
}

interface KnownRegistry {
  /** One per server. */
  id: 'last';
  /** The most recent ones last. */
  values: KnownValue[];
}

const knownRegistryType = documentType<KnownRegistry>('known-registry', { ttlSeconds: days(90) });

/** Names are free: this many are remembered, the oldest are forgotten. */
const MAX_KNOWN_VALUES = 200;

export const registryValueView = z
  .object({
    key: z.enum(REGISTRY_KEYS).describe('Below HKEY_LOCAL_MACHINE'),
    name: z.string().meta({ description: 'Name of the value', examples: ['LinkHost'] }),
    type: z
      .enum(['REG_SZ', 'REG_DWORD', 'REG_MULTI_SZ'])
      .optional()
      .describe('The type that it has, for values of the catalogue'),
    standard: z
      .union([
        z.string().meta({ examples: ['https://sr.contoso.example'] }),
        z.number().meta({ examples: [25] }),
      ])
      .optional()
      .describe('What holds while there is no such value'),
    description: z
      .string()
      .optional()
      .meta({ description: 'What it is for', examples: ['Base of the links in mails'] }),
    notice: z
      .string()
      .optional()
      .meta({
        description: 'What to know before changing it',
        examples: ['Without effect on mails of this service'],
      }),
    found: foundRegistryData
      .optional()
      .describe(
        'What the server found last; null: there was no such value; absent: it was not read in 90 days',
      ),
    readAt: z.iso.datetime().optional().describe('When the server read it; absent while it was not'),
    ageSeconds: z.int().optional().describe('How old this is'),
  })
  .meta({ id: 'RegistryValue' });

/** The values of the catalogue, then all others that were read, as they were last known. */
export async function listRegistryValues(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  serverId: string,
): Promise<z.input<typeof registryValueView>[]> {
  const known = await readKnown(services, customerId, serverId);
  const others = known.filter(({ key, name }) => !catalogueEntry(key, name));
  const now = services.clock.now().getTime();
  return [...REGISTRY_CATALOGUE, ...others.map(({ key, name }) => ({ key, name }))].map((entry) => {
    const found = known.find((value) => isSame(value, entry));
    if (!found) return entry;
    const ageSeconds = Math.max(0, Math.floor((now - Date.parse(found.readAt)) / 1000));
    return { ...entry, found: found.value, readAt: found.readAt, ageSeconds };
  });
}

/**
 * What the value was when it was last read: null when there was none, undefined when it was not read.
 */
export async function lastKnownValue(
  services: Pick<Services, 'database'>,
  customerId: string,
  serverId: string,
  named: RegistryValueName,
): Promise<FoundRegistryValue['value'] | undefined> {
  const known = await readKnown(services, customerId, serverId);
  return known.find((value) => isSame(value, named))?.value;
}

/** @throws Problem `validation-failed` for another type than the catalogue's, `conflict` for one than the value has */
export function checkType(
  named: RegistryValueName,
  value: RegistryData,
  known: FoundRegistryValue['value'] | undefined,
): void {
  const type = catalogueEntry(named.key, named.name)?.type;
  if (type !== undefined && value.type !== type)
    throw new Problem('validation-failed', 'The value has another type.', {
      errors: [{ pointer: '/value/type', detail: `${named.name} is ${type}.` }],
    });
  const existing = known?.type === 'other' ? known.typeName : known?.type;
  if (existing !== undefined && existing !== value.type)
    throw new Problem(
      'conflict',
      `${named.name} is ${existing} on the server: the type of a value that is there stays as it is.`,
    );
}

export const readRegistryTask = serverTaskKind({
  name: 'readRegistry',
  command: 'readRegistry',
  async onSuccess(context, { values }) {
    await storeValues(context, values);
    return undefined;
  },
});

export const writeRegistryTask = serverTaskKind({
  name: 'writeRegistry',
  command: 'writeRegistry',
  async onSuccess(context, { key, name, old, new: value }) {
    await storeValues(context, [{ key, name, value }]);
    return old === null ? 'Created.' : 'Changed.';
  },
  changeOf: ({ key, name, old, new: value }) => ({
    old: { key, name, value: old },
    new: { key, name, value },
  }),
});

async function storeValues(
  { services: { database, clock }, customerId, serverId }: ServerTaskContext,
  found: readonly FoundRegistryValue[],
): Promise<void> {
  const presence = database.presence(customerId, serverId);
  const readAt = clock.now().toISOString();
  await retryConflicts(async () => {
    const known = await presence.read(knownRegistryType, 'last');
    const others = known?.values.filter((value) => !found.some((one) => isSame(one, value))) ?? [];
    const values = [...others, ...found.map((value) => ({ ...value, readAt }))].slice(-MAX_KNOWN_VALUES);
    await (known
      ? presence.replace(knownRegistryType, { ...known, values })
      : presence.create(knownRegistryType, { id: 'last', values }));
  });
}

async function readKnown(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  serverId: string,
): Promise<readonly KnownValue[]> {
  return (await database.presence(customerId, serverId).read(knownRegistryType, 'last'))?.values ?? [];
}

function isSame(a: RegistryValueName, b: RegistryValueName): boolean {
  return a.key === b.key && sameName(a.name, b.name);
}

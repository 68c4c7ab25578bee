/** Storage accounts. https://learn.microsoft.com/rest/api/storagerp/storage-accounts/create */
import { createHash } from 'node:crypto';
import { type ValueObject } from '../../expressions/values';
import { normalLocation } from '../../known-types';
import { type Draft, textAt } from '../draft';
import { badRequest, conflict, isTakenElsewhere, type Rules } from './rule';

export const storageRules: Rules = {
  'microsoft.storage/storageaccounts': {
    preflight: (draft, context) => {
      const { name } = draft.id;
      if (!draft.known.name?.test(name)) {
        throw badRequest(
          'AccountNameInvalid',
          `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in ` +
            'length and use numbers and lower-case letters only.',
        );
      }
      if (isTakenElsewhere(draft, context)) {
        throw conflict('StorageAccountAlreadyTaken', `The storage account named ${name} is already taken.`);
      }
    },
    check: (draft) => {
      const { body, existing } = draft;
      if (existing === undefined && textAt(body, 'sku', 'name') === undefined) {
        throw badRequest('InvalidRequestPropertyName', "The property 'sku.name' is required.", 'sku');
      }
      checkRedundancy(draft);
    },
    complete: ({ id, body, existing }) => ({
      primaryLocation: body.location ?? null,
      statusOfPrimary: 'available',
      creationTime: textAt(existing?.body, 'properties', 'creationTime') ?? new Date().toISOString(),
      primaryEndpoints: endpoints(id.name),
    }),
  },
};

/** Regions of this Resource Manager without availability zones: https://learn.microsoft.com/azure/storage/common/redundancy-regions-zrs */
const withoutZones = ['westus'];

/** Zone redundancy needs a region with availability zones. */
function checkRedundancy({ body, existing }: Draft): void {
  const sku = textAt(body, 'sku', 'name') ?? '';
  const location = normalLocation(textAt(body, 'location') ?? textAt(existing?.body, 'location') ?? '');
  if (!sku.endsWith('ZRS') || !withoutZones.includes(location)) return;
  throw badRequest(
    'RedundancyConfigurationNotAvailableInRegion',
    `The storage account failed to create due to redundancy configuration - Sku: ${sku}, Kind: ` +
      `${textAt(body, 'kind') ?? 'StorageV2'} - not available in selected Region - ${location}.`,
  );
}

function endpoints(account: string): ValueObject {
  const services = ['blob', 'dfs', 'file', 'queue', 'table'];
  return Object.fromEntries(
    services.map((service) => [service, `https://${account}.${service}.core.windows.net/`]),
  );
}

/** The answer of `listKeys`: no stand-in accepts these keys, but they are stable for an account. */
export function accountKeys(accountId: string): ValueObject {
  const key = (keyName: string): ValueObject => ({
    keyName,
    permissions: 'FULL',
    value: createHash('sha512').update(`${accountId.toLowerCase()}:${keyName}`).digest('base64'),
  });
  return { keys: [key('key1'), key('key2')] };
}

/** Network resources. https://learn.microsoft.com/rest/api/virtualnetwork and …/rest/api/dns */
import { createHash } from 'node:crypto';
import { asText, isObject, type ValueObject } from '../../expressions/values';
import { type StoredResource } from '../../store';
import { at, type Draft, objectsAt, textAt } from '../draft';
import { badRequest, conflict, type RuleContext, type Rules } from './rule';

export const networkRules: Rules = {
  'microsoft.network/networksecuritygroups': { check: ({ properties }) => checkPriorities(properties) },
  'microsoft.network/networkinterfaces': {
    complete: ({ id, properties }) => ({
      macAddress: macAddress(id.key),
      ipConfigurations: objectsAt(properties, 'ipConfigurations').map((configuration, index) =>
        withAddress(configuration, `${id.key}/${index}`),
      ),
    }),
  },
  'microsoft.network/loadbalancers': {
    complete: ({ id, properties }) => ({
      frontendIPConfigurations: objectsAt(properties, 'frontendIPConfigurations').map((frontend, index) =>
        at(frontend, 'properties', 'subnet') === undefined
          ? frontend
          : withAddress(frontend, `${id.key}/${index}`),
      ),
    }),
  },
  'microsoft.network/publicipaddresses': {
    complete: ({ id }) => ({ ipAddress: `20.${bytesOf(id.key).slice(0, 3).join('.')}` }),
  },
  'microsoft.network/privateendpoints': {
    complete: ({ id }) => ({ networkInterfaces: [{ id: interfaceOf(id.id) }] }),
    made: ({ id, body, properties }, { keep }) =>
      keep(interfaceOf(id.id), {
        location: body.location ?? null,
        properties: {
          macAddress: macAddress(id.key),
          ipConfigurations: [
            withAddress(
              { name: 'privateEndpointIpConfig', properties: { subnet: properties.subnet ?? null } },
              id.key,
            ),
          ],
        },
      }),
    deleted: ({ id }, { discard }) => discard(interfaceOf(id)),
  },
  'microsoft.network/privatednszones': {
    complete: () => ({ maxNumberOfRecordSets: 25_000, numberOfRecordSets: 1 }),
  },
  'microsoft.network/privatednszones/virtualnetworklinks': { check: refuseSecondLink },
};

function checkPriorities(properties: ValueObject): void {
  const seen = new Map<string, string>();
  for (const rule of objectsAt(properties, 'securityRules')) {
    const key = `${textAt(rule, 'properties', 'direction')}/${asText(at(rule, 'properties', 'priority') ?? '')}`;
    const other = seen.get(key);
    const name = textAt(rule, 'name') ?? '';
    if (other !== undefined) {
      throw badRequest(
        'SecurityRuleConflict',
        `Security rule ${name} conflicts with rule ${other}. Rules cannot have the same Priority and Direction.`,
      );
    }
    seen.set(key, name);
  }
}

/** A network is linked to a zone of one name once. */
function refuseSecondLink({ id, properties }: Draft, { store }: RuleContext): void {
  const network = textAt(properties, 'virtualNetwork', 'id')?.toLowerCase();
  const zone = id.fullName.split('/')[0]?.toLowerCase();
  const other = store.resources
    .all()
    .find(
      (one: StoredResource) =>
        one.type.toLowerCase() === 'microsoft.network/privatednszones/virtualnetworklinks' &&
        one.id.toLowerCase() !== id.key &&
        one.fullName.split('/')[0]?.toLowerCase() === zone &&
        textAt(one.body, 'properties', 'virtualNetwork', 'id')?.toLowerCase() === network,
    );
  if (network === undefined || other === undefined) return;
  throw conflict(
    'Conflict',
    `A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link virtual ` +
      `network with '${zone}' and '${zone}' zones.`,
  );
}

const bytesOf = (text: string): number[] => [...createHash('sha256').update(text).digest()];

/** An address for an interface without one: the same one at every write. */
function withAddress(configuration: ValueObject, seed: string): ValueObject {
  const properties = isObject(configuration.properties) ? configuration.properties : {};
  const [second = 0, third = 0] = bytesOf(seed);
  const privateIPAddress = textAt(properties, 'privateIPAddress') ?? `10.0.${second}.${(third % 250) + 4}`;
  const privateIPAllocationMethod = properties.privateIPAllocationMethod ?? 'Dynamic';
  return {
    ...configuration,
    properties: {
      ...properties,
      privateIPAddress,
      privateIPAllocationMethod,
      provisioningState: 'Succeeded',
    },
  };
}

function macAddress(seed: string): string {
  const bytes = bytesOf(seed).slice(0, 3);
  return ['00', '0D', '3A', ...bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase())].join(
    '-',
  );
}

/** A private endpoint's network interface, in the same group. */
function interfaceOf(endpointId: string): string {
  const unique = createHash('sha256').update(endpointId.toLowerCase()).digest('hex').slice(0, 32);
  const name = endpointId.split('/').at(-1) ?? '';
  return endpointId.replace(/\/[^/]+\/[^/]+$/, `/networkInterfaces/${name}.nic.${unique}`);
}

/** Network resources. https://learn.microsoft.com/rest/api/virtualnetwork and …/rest/api/dns */
import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { asText, isObject, type Value, type ValueObject } from '../../expressions/values';
import { parseResourceId } from '../../resource-id';
import { type StoredResource } from '../../store';
import { at, type Draft, objectsAt, textAt } from '../draft';
import { findEmbedded } from '../embedded';
import { badRequest, conflict, type RuleContext, type Rules } from './rule';

export const networkRules: Rules = {
  'microsoft.network/networksecuritygroups': {
    check: ({ id, properties }) => {
      checkPriorities(properties);
      for (const rule of objectsAt(properties, 'securityRules')) {
        checkPrefixes(`${id.id}/securityRules/${textAt(rule, 'name') ?? ''}`, at(rule, 'properties'));
      }
    },
  },
  'microsoft.network/networksecuritygroups/securityrules': {
    check: ({ id, properties }) => checkPrefixes(id.id, properties),
  },
  'microsoft.network/networkinterfaces': {
    complete: ({ id, properties }) => ({
      macAddress: macAddress(id.key),
      ipConfigurations: objectsAt(properties, 'ipConfigurations').map((configuration, index) =>
        withAddress(configuration, `${id.key}/${index}`),
      ),
    }),
  },
  'microsoft.network/loadbalancers': {
    check: checkFrontends,
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
  'microsoft.network/dnsresolvers': {
    check: (draft, context) => refuseSharedNetwork(draft, context, 'A virtual network has one DNS resolver'),
  },
  'microsoft.network/dnsforwardingrulesets/virtualnetworklinks': {
    check: (draft, context) =>
      refuseSharedNetwork(draft, context, 'A virtual network is linked to one DNS forwarding ruleset'),
  },
};

/** Address prefixes of one rule must not overlap: https://github.com/kubernetes-sigs/cloud-provider-azure/issues/6775 */
function checkPrefixes(ruleId: string, rule: Value | undefined): void {
  for (const [list, parameter] of [
    ['sourceAddressPrefixes', 'SourceAddressPrefix'],
    ['destinationAddressPrefixes', 'DestinationAddressPrefix'],
  ] as const) {
    const value = at(rule, list);
    const blocks = (Array.isArray(value) ? value : []).flatMap((text) => {
      const prefix = asText(text);
      const cidr = prefix.includes('/') ? prefix : `${prefix}/${prefix.includes(':') ? 128 : 32}`;
      return ipaddr.isValidCIDR(cidr) ? [{ prefix, block: ipaddr.parseCIDR(cidr) }] : [];
    });
    const overlapping = blocks.filter((one) => blocks.some((other) => other !== one && contains(other, one)));
    if (overlapping.length === 0) continue;
    throw badRequest(
      'OverlappingSubnetsNotPermittedInSecurityRule',
      `Security rule parameter ${parameter} for rule with Id ${ruleId} cannot specify overlapping subnets: ` +
        `${overlapping.map(({ prefix }) => prefix).join(', ')}.`,
    );
  }
}

type Block = { block: [ipaddr.IPv4 | ipaddr.IPv6, number] };

function contains({ block: [outer, length] }: Block, { block: [inner, innerLength] }: Block): boolean {
  return outer.kind() === inner.kind() && innerLength >= length && inner.match(outer, length);
}

/** A static private address is one of the subnet's, and none of those that Azure keeps: the first four and the last. */
function checkFrontends({ properties }: Draft, { store }: RuleContext): void {
  for (const frontend of objectsAt(properties, 'frontendIPConfigurations')) {
    const address = textAt(frontend, 'properties', 'privateIPAddress');
    const subnetId = parseResourceId(textAt(frontend, 'properties', 'subnet', 'id') ?? '');
    if (address === undefined || subnetId === undefined) continue;
    const prefix = textAt(findEmbedded(store.resources, subnetId)?.element, 'properties', 'addressPrefix');
    if (prefix !== undefined) checkAddress(address, prefix);
  }
}

function checkAddress(address: string, prefix: string): void {
  const number = (text: ipaddr.IPv4): number => text.octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const at = number(ipaddr.IPv4.parse(address));
  const first = number(ipaddr.IPv4.networkAddressFromCIDR(prefix));
  const last = number(ipaddr.IPv4.broadcastAddressFromCIDR(prefix));
  if (at < first || at > last) {
    throw badRequest(
      'PrivateIPAddressNotInSubnet',
      `Private static IP address ${address} does not belong to the range of subnet prefix ${prefix}.`,
    );
  }
  if (at < first + 4 || at === last) {
    throw badRequest(
      'PrivateIPAddressInReservedRange',
      `Private static IP address ${address} falls within reserved IP range of subnet prefix ${prefix}.`,
    );
  }
}

/** Another resource of the type in the subscription that has the same network. */
function refuseSharedNetwork({ id, properties }: Draft, { store }: RuleContext, what: string): void {
  const network = textAt(properties, 'virtualNetwork', 'id')?.toLowerCase();
  const other = store.resources
    .all()
    .find(
      (one) =>
        one.type.toLowerCase() === id.type.toLowerCase() &&
        one.id.toLowerCase() !== id.key &&
        textAt(one.body, 'properties', 'virtualNetwork', 'id')?.toLowerCase() === network,
    );
  if (network === undefined || other === undefined) return;
  throw conflict('Conflict', `${what}: ${network} belongs to ${other.id}.`);
}

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

/** The resource types and API versions that are known; any other is refused as Azure refuses it. */
import { z } from 'zod';
import { armError, type ArmError } from './arm-error';
import known from './known-types.json';

const table = z.record(
  z.string(),
  z.strictObject({
    apiVersions: z.array(z.string()),
    /** Absent: it has none. */
    location: z.enum(['regional', 'global']).optional(),
    /** Of the last segment. */
    name: z.string().optional(),
    /** Paths of members that are accepted but never returned. */
    writeOnly: z.array(z.string()).default([]),
  }),
);

export interface KnownType {
  /** With its usual letter case. */
  type: string;
  apiVersions: string[];
  location: 'regional' | 'global' | undefined;
  name: RegExp | undefined;
  writeOnly: string[];
}

const types = new Map<string, KnownType>(
  Object.entries(table.parse(known.types)).map(([type, { apiVersions, location, name, writeOnly }]) => [
    type.toLowerCase(),
    { type, apiVersions, location, name: name === undefined ? undefined : new RegExp(name), writeOnly },
  ]),
);

/** By namespace, as `GET /providers` lists them. */
export const namespaces = new Map<string, KnownType[]>();
for (const type of types.values()) {
  const namespace = type.type.split('/')[0] ?? '';
  namespaces.set(namespace, [...(namespaces.get(namespace) ?? []), type]);
}

/** Where resources can be; the first is the one that examples use. */
export const locations: readonly { name: string; displayName: string }[] = [
  ['westeurope', 'West Europe'],
  ['northeurope', 'North Europe'],
  ['germanywestcentral', 'Germany West Central'],
  ['francecentral', 'France Central'],
  ['uksouth', 'UK South'],
  ['swedencentral', 'Sweden Central'],
  ['switzerlandnorth', 'Switzerland North'],
  ['eastus', 'East US'],
  ['eastus2', 'East US 2'],
  ['centralus', 'Central US'],
  ['southcentralus', 'South Central US'],
  ['westus', 'West US'],
  ['westus2', 'West US 2'],
  ['westus3', 'West US 3'],
  ['canadacentral', 'Canada Central'],
  ['brazilsouth', 'Brazil South'],
  ['australiaeast', 'Australia East'],
  ['japaneast', 'Japan East'],
  ['southeastasia', 'Southeast Asia'],
  ['centralindia', 'Central India'],
].map(([name = '', displayName = '']) => ({ name, displayName }));

/** `West Europe` → `westeurope`. */
export const normalLocation = (location: string): string => location.toLowerCase().replaceAll(' ', '');

export function isLocation(location: string): boolean {
  return locations.some(({ name }) => name === normalLocation(location));
}

/** Undefined for a type that is not known. */
export function findType(type: string): KnownType | undefined {
  return types.get(type.toLowerCase());
}

/** @throws ArmError with Azure's message for an unknown namespace, type or API version */
export function requireType(type: string, apiVersion: string, location: string | undefined): KnownType {
  const found = findType(type);
  if (found === undefined) throw unknownType(type, apiVersion);
  if (found.apiVersions.includes(apiVersion)) return found;
  const [, ...rest] = found.type.split('/');
  throw armError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${location ?? ''}' and API version '${apiVersion}' for type ` +
      `'${rest.join('/')}'. The supported api-versions are '${found.apiVersions.join(', ')}'. The supported locations ` +
      `are '${found.location === 'regional' ? locations.map(({ name }) => name).join(', ') : ''}'.`,
  );
}

function unknownType(type: string, apiVersion: string): ArmError {
  const [namespace = '', ...rest] = type.split('/');
  const isKnown = [...namespaces.keys()].some((name) => name.toLowerCase() === namespace.toLowerCase());
  if (!isKnown) {
    return armError(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.`);
  }
  return armError(
    404,
    'InvalidResourceType',
    `The resource type '${rest.join('/')}' could not be found in the namespace '${namespace}' for api version ` +
      `'${apiVersion}'. The local Resource Manager knows the types of its known-types.json alone.`,
  );
}

/** Azure's naming rules for the resource types of the templates. */

/** The rule of a resource type; lengths in characters. */
export interface NamingRule {
  minLength: number;
  maxLength: number;
  pattern: RegExp;
  /** The pattern in words, to follow "Use …". */
  hint: string;
}

const WORD_ENDS = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?$/;
const WORD_HINT = 'letters, digits, dots, dashes and underscores, with a letter or digit first';

function words(maxLength: number, minLength = 1): NamingRule {
  return { minLength, maxLength, pattern: WORD_ENDS, hint: WORD_HINT };
}

/**
 * By resource type. Source, unless noted otherwise:
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
export const NAMING_RULES = {
  /** Windows host names: 15 characters, not only digits, no underscores. */
  'Microsoft.Compute/virtualMachines': {
    minLength: 1,
    maxLength: 15,
    pattern: /^(?!\d+$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/,
    hint: 'letters, digits and dashes, not digits alone, no dash at either end',
  },
  'Microsoft.Compute/availabilitySets': words(80),
  'Microsoft.Network/networkInterfaces': words(80),
  'Microsoft.Network/networkSecurityGroups': words(80),
  'Microsoft.Network/loadBalancers': words(80),
  'Microsoft.Network/publicIPAddresses': words(80),
  'Microsoft.Network/privateEndpoints': words(64, 2),
  'Microsoft.Network/dnsResolvers': words(80),
  'Microsoft.Network/dnsForwardingRulesets': words(80),
  'Microsoft.ManagedIdentity/userAssignedIdentities': {
    minLength: 3,
    maxLength: 128,
    pattern: /^[A-Za-z0-9][A-Za-z0-9_-]*$/,
    hint: 'letters, digits, dashes and underscores, with a letter or digit first',
  },
  'Microsoft.Storage/storageAccounts': {
    minLength: 3,
    maxLength: 24,
    pattern: /^[a-z0-9]+$/,
    hint: 'lower-case letters and digits',
  },
  'Microsoft.Storage/storageAccounts/fileServices/shares': {
    minLength: 3,
    maxLength: 63,
    pattern: /^[a-z0-9](?:-?[a-z0-9])*$/,
    hint: 'lower-case letters, digits and single dashes between them',
  },
  'Microsoft.Sql/servers': {
    minLength: 1,
    maxLength: 63,
    pattern: /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
    hint: 'lower-case letters, digits and dashes, no dash at either end',
  },
  'Microsoft.Sql/servers/databases': {
    minLength: 1,
    maxLength: 128,
    pattern: /^[^<>*%&:\\/?]*[^<>*%&:\\/?. ]$/,
    hint: 'no <>*%&:\\/? and no dot or space at the end',
  },
  'Microsoft.KeyVault/vaults': {
    minLength: 3,
    maxLength: 24,
    pattern: /^[A-Za-z](?:-?[A-Za-z0-9])*$/,
    hint: 'letters, digits and single dashes, with a letter first and no dash last',
  },
  'Microsoft.KeyVault/vaults/secrets': {
    minLength: 1,
    maxLength: 127,
    pattern: /^[A-Za-z0-9-]+$/,
    hint: 'letters, digits and dashes',
  },
  'Microsoft.Resources/deployments': {
    minLength: 1,
    maxLength: 64,
    pattern: /^[A-Za-z0-9._()-]+$/,
    hint: 'letters, digits, dots, dashes, underscores and parentheses',
  },
  'Microsoft.Resources/resourceGroups': {
    minLength: 1,
    maxLength: 90,
    pattern: /^[\p{L}\p{N}_.()-]*[\p{L}\p{N}_()-]$/u,
    hint: 'letters, digits, dots, dashes, underscores and parentheses, no dot last',
  },
} as const satisfies Record<string, NamingRule>;

export type NamedType = keyof typeof NAMING_RULES;

/** Why a name is not valid, or undefined when it is. */
export function nameError(type: NamedType, name: string): string | undefined {
  const { minLength, maxLength, pattern, hint }: NamingRule = NAMING_RULES[type];
  if (name.length < minLength || name.length > maxLength)
    return `Use ${minLength} to ${maxLength} characters for the name of ${type}.`;
  return pattern.test(name) ? undefined : `Use ${hint} for the name of ${type}.`;
}

/** The distinguished name of an organizational unit, without characters that would need escaping. */
export const ORGANIZATIONAL_UNIT =
  /^(?:(?:OU|CN)=[^,=+<>#;"\\\p{Cc}]+,)+(?:DC=[A-Za-z0-9-]+,)*DC=[A-Za-z0-9-]+$/iu;

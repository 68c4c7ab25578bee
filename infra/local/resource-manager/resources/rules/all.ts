/** The rule of every type that has one. */
import { computeRules } from './compute';
import { identityRules } from './identity';
import { keyVaultRules } from './key-vault';
import { networkRules } from './network';
import { type ResourceRule, type Rules } from './rule';
import { sqlRules } from './sql';
import { storageRules } from './storage';

const rules: Rules = {
  ...computeRules,
  ...identityRules,
  ...keyVaultRules,
  ...networkRules,
  ...sqlRules,
  ...storageRules,
};

export function ruleOf(type: string): ResourceRule {
  return rules[type.toLowerCase()] ?? {};
}

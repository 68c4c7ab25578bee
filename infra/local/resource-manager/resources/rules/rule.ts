/** What a resource provider does beyond storing what it is sent. */
import { armError, type ArmError } from '../../arm-error';
import { type ValueObject } from '../../expressions/values';
import { type ResourceStore, type StoredResource } from '../../store';
import { type Draft } from '../draft';

export interface RuleContext {
  store: ResourceStore;
  subscriptionId: string;
  tenantId: string;
  /** How long data planes take until they know a new role assignment. */
  roleDelayMilliseconds: number;
  /** Stores a resource that is created with another one, such as a machine's disk. */
  keep: (id: string, body: ValueObject) => void;
  /** Deletes one that is deleted with another one; no effect when it does not exist. */
  discard: (id: string) => void;
}

export interface ResourceRule {
  /** Also before a deployment starts. @throws ArmError */
  preflight?: (draft: Draft, context: RuleContext) => void;
  /** @throws ArmError */
  check?: (draft: Draft, context: RuleContext) => void;
  /** Members of `properties` that Azure adds. */
  complete?: (draft: Draft, context: RuleContext) => ValueObject;
  /** After it was kept. */
  made?: (draft: Draft, context: RuleContext) => void;
  /** After it was deleted. */
  deleted?: (resource: StoredResource, context: RuleContext) => void;
}

/** By type in lower case. */
export type Rules = Record<string, ResourceRule>;

export function badRequest(code: string, message: string, target?: string): ArmError {
  return armError(400, code, message, target === undefined ? {} : { target });
}

export function conflict(code: string, message: string, target?: string): ArmError {
  return armError(409, code, message, target === undefined ? {} : { target });
}

/** The number of character classes of password rules that a password contains. */
export function kindsOfCharacters(password: string): number {
  return [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
}

/** Another resource of the type with this name anywhere else: names of some types are taken in all of Azure. */
export function isTakenElsewhere({ id }: Draft, { store }: RuleContext): boolean {
  const type = id.type.toLowerCase();
  return store.resources
    .all()
    .some(
      (other) =>
        other.type.toLowerCase() === type &&
        other.fullName.toLowerCase() === id.fullName.toLowerCase() &&
        other.id.toLowerCase() !== id.key,
    );
}

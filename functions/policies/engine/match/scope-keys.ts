/** The criteria of scopes and the facts of sessions as keys: a criterion applies when the session has its key. */
import type { Scope } from '../model/scope';
import type { SessionFacts } from '../model/session';
import { foldText } from '../text/case-folding';

/** The kinds of criteria: OR within one, AND between them. Addresses are ranges, the other kinds are keys. */
export const KEY_KINDS = ['people', 'applications', 'machines', 'tags'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** The namespaces of keys: they distinguish users from groups and names from SIDs. */
const USER = { name: 'user.name', upn: 'user.upn', sid: 'user.sid', entraId: 'user.entraId' } as const;
const GROUP = { name: 'group.name', upn: 'group.upn', sid: 'group.sid', entraId: 'group.entraId' } as const;

type Identifiers<Value> = Readonly<Record<'name' | 'upn' | 'sid' | 'entraId', Value>>;

/**
 * Receives a key: its namespace and its text as written; texts are equal if they are equal when case-folded. Joining both
 * to one string for each key would cost more than the rest of the lookup.
 */
type Visit = (namespace: string, text: string) => void;

/** Visits the keys of all criteria of one kind; none when the scope has no criteria of this kind. */
export function eachKeyOfScope(kind: KeyKind, scope: Scope, visit: Visit): void {
  switch (kind) {
    case 'people':
      eachIdentifier(USER, scope.users, visit);
      eachIdentifier(GROUP, scope.groups, visit);
      return;
    case 'applications':
      eachText('application', scope.applications, visit);
      return;
    case 'machines':
      eachText('deliveryGroup', scope.deliveryGroups, visit);
      eachText('machine', scope.machines, visit);
      return;
    case 'tags':
      eachText('tag', scope.tags, visit);
  }
}

/** Visits the keys that the session has of one kind. */
export function eachKeyOfSession(kind: KeyKind, session: SessionFacts, visit: Visit): void {
  switch (kind) {
    case 'people':
      eachIdentifier(USER, [session.user], visit);
      eachIdentifier(GROUP, session.user.groups, visit);
      return;
    case 'applications':
      eachText('application', optional(session.application), visit);
      return;
    case 'machines':
      eachText('deliveryGroup', optional(session.deliveryGroup), visit);
      eachText('machine', optional(session.machine), visit);
      return;
    case 'tags':
      eachText('tag', session.tags, visit);
  }
}

/** The keys of all criteria of one kind, each as one string. */
export function keysOfScope(kind: KeyKind, scope: Scope): Set<string> {
  const keys = new Set<string>();
  eachKeyOfScope(kind, scope, (namespace, text) => keys.add(`${namespace}:${foldText(text)}`));
  return keys;
}

/** The keys of one kind that the session has, each as one string. */
export function keysOfSession(kind: KeyKind, session: SessionFacts): Set<string> {
  const keys = new Set<string>();
  eachKeyOfSession(kind, session, (namespace, text) => keys.add(`${namespace}:${foldText(text)}`));
  return keys;
}

const optional = (value: string | undefined) => (value === undefined ? [] : [value]);

function eachIdentifier(
  namespaces: Identifiers<string>,
  identities: readonly Partial<Identifiers<string | undefined>>[] = [],
  visit: Visit,
): void {
  for (const { name, upn, sid, entraId } of identities) {
    if (name !== undefined) visit(namespaces.name, name);
    if (upn !== undefined) visit(namespaces.upn, upn);
    if (sid !== undefined) visit(namespaces.sid, sid);
    if (entraId !== undefined) visit(namespaces.entraId, entraId);
  }
}

function eachText(namespace: string, texts: readonly string[] = [], visit: Visit): void {
  for (const text of texts) visit(namespace, text);
}

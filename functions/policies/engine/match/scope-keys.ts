/** What a scope asks for and what a session is, as keys: they meet where they have a key in common. */
import type { Scope } from '../model/scope';
import type { SessionFacts } from '../model/session';
import { foldText } from '../text/case-folding';

/** The kinds of criteria: OR within one, AND between them. Addresses are ranges, the other kinds are keys. */
export const KEY_KINDS = ['people', 'applications', 'machines', 'tags'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** The spaces of keys: what a text is. They keep a user from being taken for a group, a name for a SID. */
const USER = { name: 'user.name', upn: 'user.upn', sid: 'user.sid', entraId: 'user.entraId' } as const;
const GROUP = { name: 'group.name', upn: 'group.upn', sid: 'group.sid', entraId: 'group.entraId' } as const;

type Identifiers<Value> = Readonly<Record<'name' | 'upn' | 'sid' | 'entraId', Value>>;

/**
 * Takes a key: its space and its text as it was given, which is equal to another when both are folded. To put both into
 * one string for each key would cost more than the rest.
 */
type Visit = (space: string, text: string) => void;

/** Visits the keys of all criteria of one kind; none when the scope is not restricted in this kind. */
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
      eachText('application', given(session.application), visit);
      return;
    case 'machines':
      eachText('deliveryGroup', given(session.deliveryGroup), visit);
      eachText('machine', given(session.machine), visit);
      return;
    case 'tags':
      eachText('tag', session.tags, visit);
  }
}

/** The keys of all criteria of one kind, each as one text. */
export function keysOfScope(kind: KeyKind, scope: Scope): Set<string> {
  const keys = new Set<string>();
  eachKeyOfScope(kind, scope, (space, text) => keys.add(`${space}:${foldText(text)}`));
  return keys;
}

/** The keys that the session has of one kind, each as one text. */
export function keysOfSession(kind: KeyKind, session: SessionFacts): Set<string> {
  const keys = new Set<string>();
  eachKeyOfSession(kind, session, (space, text) => keys.add(`${space}:${foldText(text)}`));
  return keys;
}

const given = (value: string | undefined) => (value === undefined ? [] : [value]);

function eachIdentifier(
  spaces: Identifiers<string>,
  identities: readonly Partial<Identifiers<string | undefined>>[] = [],
  visit: Visit,
): void {
  for (const { name, upn, sid, entraId } of identities) {
    if (name !== undefined) visit(spaces.name, name);
    if (upn !== undefined) visit(spaces.upn, upn);
    if (sid !== undefined) visit(spaces.sid, sid);
    if (entraId !== undefined) visit(spaces.entraId, entraId);
  }
}

function eachText(space: string, texts: readonly string[] = [], visit: Visit): void {
  for (const text of texts) visit(space, text);
}

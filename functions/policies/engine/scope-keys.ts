/** What a scope asks for and what a session is, as keys: they meet where they have a key in common. */
import type { Scope } from './scope';
import type { SessionFacts } from './session';
import { foldText } from './text';

/** The kinds of criteria: OR within one, AND between them. Addresses are ranges, the other kinds are keys. */
export const KEY_KINDS = ['people', 'applications', 'machines', 'tags'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** Starts of keys: what the text is. They keep a user from being taken for a group, a name for a SID. */
const IDENTIFIERS = ['name', 'upn', 'sid', 'entraId'] as const;

type Named = { readonly [K in (typeof IDENTIFIERS)[number]]?: string | undefined };

/** The keys of all criteria of one kind; none when the scope is not restricted in this kind. */
export function keysOfScope(kind: KeyKind, scope: Scope): string[] {
  switch (kind) {
    case 'people':
      return [...identityKeys('user', scope.users ?? []), ...identityKeys('group', scope.groups ?? [])];
    case 'applications':
      return textKeys('application', scope.applications);
    case 'machines':
      return [...textKeys('deliveryGroup', scope.deliveryGroups), ...textKeys('machine', scope.machines)];
    case 'tags':
      return textKeys('tag', scope.tags);
  }
}

/** The keys that the session has of one kind. */
export function keysOfSession(kind: KeyKind, session: SessionFacts): string[] {
  switch (kind) {
    case 'people':
      return [...identityKeys('user', [session.user]), ...identityKeys('group', session.user.groups)];
    case 'applications':
      return textKeys('application', given(session.application));
    case 'machines':
      return [
        ...textKeys('deliveryGroup', given(session.deliveryGroup)),
        ...textKeys('machine', given(session.machine)),
      ];
    case 'tags':
      return textKeys('tag', session.tags);
  }
}

const given = (value: string | undefined) => (value === undefined ? [] : [value]);

function identityKeys(what: string, identities: readonly Named[]): string[] {
  const keys: string[] = [];
  for (const identity of identities) {
    for (const identifier of IDENTIFIERS) {
      const value = identity[identifier];
      if (value !== undefined) keys.push(`${what}.${identifier}:${foldText(value)}`);
    }
  }
  return keys;
}

function textKeys(what: string, texts: readonly string[] = []): string[] {
  return texts.map((text) => `${what}:${foldText(text)}`);
}

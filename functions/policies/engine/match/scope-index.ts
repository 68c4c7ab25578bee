/** Finds which of many scopes contain a session, in one lookup. */
import { addressKey, parseAddressRange } from '../../../../shared/pure/addresses';
import type { Scope } from '../model/scope';
import type { SessionFacts } from '../model/session';
import { foldText } from '../text/case-folding';
import { add, type Bitset, emptySet, intersect } from './bitset';
import { RangeIndex } from './range-index';
import { eachKeyOfScope, eachKeyOfSession, KEY_KINDS, type KeyKind } from './scope-keys';

/** By namespace and text the positions of the scopes that have the key, ascending. */
type KeyIndex = Map<string, Map<string, number[]>>;

/**
 * An inverted index: key → positions of the scopes that have it. For each kind of criteria, the candidates are the scopes
 * without criteria of the kind and those that have a key of the session; the result is the intersection over all kinds.
 * It is cached for as long as the session object lives.
 */
export class ScopeIndex {
  /** By namespace and case-folded text. */
  private readonly byKey: KeyIndex = new Map();
  private readonly ranges: RangeIndex<number>;
  /** For each kind of keys, and for addresses, the scopes without criteria of that kind. */
  private readonly unrestricted: { keys: Bitset[]; addresses: Bitset };
  private readonly cache = new WeakMap<SessionFacts, Bitset>();

  constructor(scopes: readonly Scope[]) {
    const unfolded: KeyIndex = new Map();
    this.unrestricted = {
      keys: KEY_KINDS.map((kind) => this.index(kind, scopes, unfolded)),
      addresses: emptySet(scopes.length),
    };
    const entries = [];
    for (const [position, { clientAddresses = [] }] of scopes.entries()) {
      if (clientAddresses.length === 0) add(this.unrestricted.addresses, position);
      for (const text of clientAddresses) {
        const { first, last } = parseAddressRange(text);
        entries.push({ first, last, value: position });
      }
    }
    this.ranges = new RangeIndex(entries);
  }

  /** The positions of the scopes that contain the session. */
  scopesOf(session: SessionFacts): Bitset {
    const cached = this.cache.get(session);
    if (cached) return cached;
    const scopes = this.find(session);
    this.cache.set(session, scopes);
    return scopes;
  }

  /**
   * Indexes the criteria of one kind, and returns the scopes without any. Many scopes have the same criteria: a text is
   * case-folded at its first occurrence, later ones are looked up as they are written.
   */
  private index(kind: KeyKind, scopes: readonly Scope[], unfolded: KeyIndex): Bitset {
    const unrestricted = emptySet(scopes.length);
    for (const [position, scope] of scopes.entries()) {
      let isRestricted = false;
      eachKeyOfScope(kind, scope, (namespace, text) => {
        isRestricted = true;
        const known = unfolded.get(namespace)?.get(text);
        if (known) known.push(position);
        else {
          const positions = positionsOf(this.byKey, namespace, foldText(text));
          positionsOf(unfolded, namespace, text, positions).push(position);
        }
      });
      if (!isRestricted) add(unrestricted, position);
    }
    return unrestricted;
  }

  private find(session: SessionFacts): Bitset {
    const scopes = this.unrestricted.addresses.slice();
    const address = session.clientAddress === undefined ? undefined : addressKey(session.clientAddress);
    if (address !== undefined) this.ranges.find(address, (position) => add(scopes, position));
    for (const [index, kind] of KEY_KINDS.entries()) {
      const ofKind = this.unrestricted.keys[index]?.slice() ?? emptySet(0);
      eachKeyOfSession(kind, session, (namespace, text) => {
        for (const position of this.byKey.get(namespace)?.get(foldText(text)) ?? []) add(ofKind, position);
      });
      intersect(scopes, ofKind);
    }
    return scopes;
  }
}

/** The posting list of a key; `initial` becomes the list of a new key. */
function positionsOf(index: KeyIndex, namespace: string, text: string, initial: number[] = []): number[] {
  let byText = index.get(namespace);
  if (!byText) index.set(namespace, (byText = new Map<string, number[]>()));
  const known = byText.get(text);
  if (known) return known;
  byText.set(text, initial);
  return initial;
}

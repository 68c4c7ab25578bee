/** Decides at once in which of many scopes a session is. */
import { addressKey, parseAddressRange } from '../addresses';
import { add, type Bitset, emptySet, intersect } from './bitset';
import { RangeIndex } from './range-index';
import type { Scope } from '../model/scope';
import { eachKeyOfScope, eachKeyOfSession, KEY_KINDS, type KeyKind } from './scope-keys';
import type { SessionFacts } from '../model/session';
import { foldText } from '../text/case-folding';

/** By space and text the positions of the scopes that ask for it, in their order. */
type SpaceIndex = Map<string, Map<string, number[]>>;

/**
 * An inverted index: key → positions of the scopes that ask for it. For each kind, a session is in the scopes that do
 * not ask for the kind and in those that ask for one of its keys; the answer is what all kinds have in common.
 * It is remembered for as long as the session object lives.
 */
export class ScopeIndex {
  /** By space and folded text. */
  private readonly askedFor: SpaceIndex = new Map();
  private readonly ranges: RangeIndex<number>;
  /** For each kind, and last for addresses, the scopes that ask for nothing of it. */
  private readonly unrestricted: { keys: Bitset[]; addresses: Bitset };
  private readonly known = new WeakMap<SessionFacts, Bitset>();

  constructor(scopes: readonly Scope[]) {
    const asGiven: SpaceIndex = new Map();
    this.unrestricted = {
      keys: KEY_KINDS.map((kind) => this.index(kind, scopes, asGiven)),
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

  /** The positions of the scopes that the session is in. */
  scopesOf(session: SessionFacts): Bitset {
    const known = this.known.get(session);
    if (known) return known;
    const scopes = this.decide(session);
    this.known.set(session, scopes);
    return scopes;
  }

  /**
   * Files the scopes under what they ask for of one kind, and returns those that ask for nothing of it. Many scopes ask for
   * the same: a text is folded when it is first met, and then found as it was given.
   */
  private index(kind: KeyKind, scopes: readonly Scope[], asGiven: SpaceIndex): Bitset {
    const unrestricted = emptySet(scopes.length);
    for (const [position, scope] of scopes.entries()) {
      let isRestricted = false;
      eachKeyOfScope(kind, scope, (space, text) => {
        isRestricted = true;
        const known = asGiven.get(space)?.get(text);
        if (known) known.push(position);
        else {
          const positions = positionsOf(this.askedFor, space, foldText(text));
          positionsOf(asGiven, space, text, positions).push(position);
        }
      });
      if (!isRestricted) add(unrestricted, position);
    }
    return unrestricted;
  }

  private decide(session: SessionFacts): Bitset {
    const scopes = this.unrestricted.addresses.slice();
    const address = session.clientAddress === undefined ? undefined : addressKey(session.clientAddress);
    if (address !== undefined) this.ranges.find(address, (position) => add(scopes, position));
    for (const [index, kind] of KEY_KINDS.entries()) {
      const ofKind = this.unrestricted.keys[index]?.slice() ?? emptySet(0);
      eachKeyOfSession(kind, session, (space, text) => {
        for (const position of this.askedFor.get(space)?.get(foldText(text)) ?? []) add(ofKind, position);
      });
      intersect(scopes, ofKind);
    }
    return scopes;
  }
}

/** The positions filed under a text: those given when none are. */
function positionsOf(index: SpaceIndex, space: string, text: string, given: number[] = []): number[] {
  let ofSpace = index.get(space);
  if (!ofSpace) index.set(space, (ofSpace = new Map<string, number[]>()));
  const known = ofSpace.get(text);
  if (known) return known;
  ofSpace.set(text, given);
  return given;
}

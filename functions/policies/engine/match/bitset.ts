/** Sets of small non-negative integers, such as positions of rules, as bits. */

export type Bitset = Uint32Array;

/** The empty set, with room for the numbers below `size`. */
export function emptySet(size: number): Bitset {
  return new Uint32Array((size + 31) >>> 5);
}

/** The set of all numbers below `end`, with room for those below `size`. */
export function allBelow(end: number, size: number): Bitset {
  const set = emptySet(size).fill(~0, 0, end >>> 5);
  if ((end & 31) !== 0) set[end >>> 5] = 2 ** (end & 31) - 1;
  return set;
}

export function add(set: Bitset, member: number): void {
  set[member >>> 5] = (set[member >>> 5] ?? 0) | (1 << (member & 31));
}

export function has(set: Bitset, member: number): boolean {
  return (((set[member >>> 5] ?? 0) >>> (member & 31)) & 1) === 1;
}

/** Removes from `set` all members that `other` lacks. */
export function intersect(set: Bitset, other: Bitset): void {
  for (let word = 0; word < set.length; word++) set[word] = (set[word] ?? 0) & (other[word] ?? 0);
}

/** Whether the sets have a member in common. */
export function intersects(set: Bitset, other: Bitset): boolean {
  for (let word = 0; word < set.length; word++)
    if (((set[word] ?? 0) & (other[word] ?? 0)) !== 0) return true;
  return false;
}

export function isEmpty(set: Bitset): boolean {
  return set.every((word) => word === 0);
}

/** The members in ascending order. */
export function* members(set: Bitset): Generator<number> {
  for (let word = 0; word < set.length; word++) {
    for (let bits = set[word] ?? 0; bits !== 0; bits &= bits - 1)
      yield word * 32 + 31 - Math.clz32(bits & -bits);
  }
}

/** What tests of triggers have in common for comparison. */

/** What a test and every test that covers it have in common: an equal trait, or a substring of a sample. */
export interface Traits {
  readonly exact: readonly string[];
  /** Case-folded. */
  readonly substrings: readonly string[];
}

/** A value that a test accepts: one that covers it has one of the exact traits, `ANY_TEXT`, or a substring of the text. */
export interface Sample {
  readonly exact: readonly string[];
  readonly text: string;
}

/** The exact trait of tests that may accept any text. */
export const ANY_TEXT = '*';

/** The conditions of a trigger on one dimension, reduced to what no other value implies. */
export interface ComparableTest {
  readonly dimension: string;
  /** Equal tests have the same form. */
  readonly form: string;
  /** Undefined where tests are not indexed by value. */
  readonly traits: Traits | undefined;
  readonly sample: Sample | undefined;
  /** Whether this test accepts everything that the other accepts. False when this cannot be determined. */
  covers(inner: ComparableTest): boolean;
  /** Tests of one value each that together accept what this one accepts; none if it has one value. */
  parts(): Iterable<ComparableTest>;
}

/** The options of every soak suite. */
export interface SoakOptions {
  /** The same seed makes the same cases. */
  seed: number;
  /** Number of random cases. */
  count: number;
  /** How long suites with a length run. */
  minutes: number;
  /** Only cases whose name contains this text. */
  only: string | undefined;
}

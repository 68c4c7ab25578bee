/** What every soak suite is run with. */
export interface SoakOptions {
  /** The same seed makes the same cases. */
  seed: number;
  /** How many cases of chance. */
  count: number;
  /** Cases whose name has this text. */
  only: string | undefined;
}

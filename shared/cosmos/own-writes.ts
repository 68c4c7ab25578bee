/** Which documents this process has written, so that it answers no older state of them from a cache. */

/** Enough for the seconds that a cache lives; forgetting one only makes a cache read again. */
const MAX_DOCUMENTS = 20_000;

export class OwnWrites {
  private count = 0;
  private forgottenUpTo = 0;
  private readonly last = new Map<string, number>();

  constructor(private readonly maxDocuments = MAX_DOCUMENTS) {}

  /** The number of writes so far: to be noted before a cache reads. */
  now(): number {
    return this.count;
  }

  /** Notes a write that was sent, whatever became of it. */
  note(document: string): void {
    this.count += 1;
    this.last.delete(document);
    this.last.set(document, this.count);
    if (this.last.size <= this.maxDocuments) return;
    const oldest = this.last.entries().next();
    if (oldest.done) return;
    const [name, at] = oldest.value;
    this.last.delete(name);
    this.forgottenUpTo = at;
  }

  /** Whether the document may have been written after `at`, a value of `now()`. */
  isWrittenSince(document: string, at: number): boolean {
    return (this.last.get(document) ?? this.forgottenUpTo) > at;
  }
}

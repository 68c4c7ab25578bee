/** Values that may be some seconds old, with bounded age and number. */

interface Cached<T> {
  value: Promise<T>;
  readAt: number;
}

export class FreshCache<T> {
  private readonly cached = new Map<string, Cached<T>>();

  constructor(
    private readonly options: { readonly maxAgeMilliseconds: number; readonly maxEntries: number },
  ) {}

  /**
   * The value of a key as it was within the maximum age, read by `read` when it is not known. Concurrent callers share a
   * read; a failed one is not kept.
   * @param now milliseconds since 1970
   */
  get(key: string, now: number, read: () => Promise<T>): Promise<T> {
    const known = this.cached.get(key);
    if (known && now >= known.readAt && now - known.readAt < this.options.maxAgeMilliseconds)
      return known.value;
    const fresh = { value: read(), readAt: now };
    this.keep(key, fresh);
    fresh.value.catch(() => {
      if (this.cached.get(key) === fresh) this.cached.delete(key);
    });
    return fresh.value;
  }

  /** The next `get` reads again. */
  forget(key: string): void {
    this.cached.delete(key);
  }

  private keep(key: string, fresh: Cached<T>): void {
    this.cached.delete(key);
    this.cached.set(key, fresh);
    if (this.cached.size <= this.options.maxEntries) return;
    const oldest = this.cached.keys().next();
    if (!oldest.done) this.cached.delete(oldest.value);
  }
}

/** A binary heap: the smallest of many values first. */

export class Heap<T> {
  private readonly items: T[] = [];

  /** @param compare negative when the first value comes before the second */
  constructor(private readonly compare: (a: T, b: T) => number) {}

  /** The smallest value, which stays; undefined when there is none. */
  peek(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    let at = this.items.push(item) - 1;
    while (at > 0 && this.swapIfSmaller(at, (at - 1) >> 1)) at = (at - 1) >> 1;
  }

  /** Removes and returns the smallest value. */
  pop(): T | undefined {
    const [first] = this.items;
    const last = this.items.pop();
    if (this.items.length > 0 && last !== undefined) {
      this.items[0] = last;
      this.sink();
    }
    return first;
  }

  private sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = this.isSmaller(left + 1, left) ? left + 1 : left;
      if (!this.swapIfSmaller(child, at)) return;
      at = child;
    }
  }

  private isSmaller(a: number, b: number): boolean {
    const [first, second] = [this.items[a], this.items[b]];
    return first !== undefined && second !== undefined && this.compare(first, second) < 0;
  }

  private swapIfSmaller(a: number, b: number): boolean {
    const [first, second] = [this.items[a], this.items[b]];
    if (first === undefined || second === undefined || this.compare(first, second) >= 0) return false;
    this.items[a] = second;
    this.items[b] = first;
    return true;
  }
}

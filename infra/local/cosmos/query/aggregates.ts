/** The aggregate functions, fed one value after the other. Missing values are skipped. */
import { type AggregateName } from './syntax';
import { compare, rankOf, type Value } from './values';

export interface Accumulator {
  add(value: Value): void;
  result(): Value;
}

export function accumulatorFor(name: AggregateName): Accumulator {
  switch (name) {
    case 'COUNT':
      return new Count();
    case 'SUM':
      return new Sum((sum) => sum);
    case 'AVG':
      return new Sum((sum, count) => (count === 0 ? undefined : sum / count));
    case 'MIN':
      return new Extreme(-1);
    case 'MAX':
      return new Extreme(1);
  }
}

class Count implements Accumulator {
  private count = 0;

  add(value: Value): void {
    if (value !== undefined) this.count++;
  }

  result(): Value {
    return this.count;
  }
}

/** SUM and AVG: undefined as soon as one value is not a number. */
class Sum implements Accumulator {
  private sum = 0;
  private count = 0;
  private onlyNumbers = true;

  constructor(private readonly finish: (sum: number, count: number) => Value) {}

  add(value: Value): void {
    if (value === undefined) return;
    if (typeof value !== 'number') this.onlyNumbers = false;
    else this.sum += value;
    this.count++;
  }

  result(): Value {
    return this.onlyNumbers ? this.finish(this.sum, this.count) : undefined;
  }
}

/** MIN (sign -1) and MAX (sign 1) over null, booleans, numbers and strings, in the order of the types. */
class Extreme implements Accumulator {
  private value: Value;
  private onlyPrimitives = true;

  constructor(private readonly sign: number) {}

  add(value: Value): void {
    if (value === undefined) return;
    if (typeof value === 'object' && value !== null) this.onlyPrimitives = false;
    if (this.value === undefined || this.order(value) * this.sign > 0) this.value = value;
  }

  result(): Value {
    return this.onlyPrimitives ? this.value : undefined;
  }

  private order(value: Value): number {
    return rankOf(value) - rankOf(this.value) || (compare(value, this.value) ?? 0);
  }
}

/** The arguments of one call, read with the type that the function expects. */
import { EXPRESSION_HELP, ExpressionError } from './errors';
import { isObject, typeName, type Value, type ValueObject } from './values';

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth'];

export class Arguments {
  constructor(
    /** As the template writes it. */
    readonly functionName: string,
    readonly values: Value[],
  ) {}

  get count(): number {
    return this.values.length;
  }

  value(index: number): Value {
    return this.values[index] ?? null;
  }

  text(index: number): string {
    const value = this.value(index);
    return typeof value === 'string' ? value : this.refuseType(index, 'String');
  }

  textOr(index: number, fallback: string): string {
    return index < this.count ? this.text(index) : fallback;
  }

  integer(index: number): number {
    const value = this.value(index);
    return typeof value === 'number' && Number.isInteger(value) ? value : this.refuseType(index, 'Integer');
  }

  boolean(index: number): boolean {
    const value = this.value(index);
    return typeof value === 'boolean' ? value : this.refuseType(index, 'Boolean');
  }

  array(index: number): Value[] {
    const value = this.value(index);
    return Array.isArray(value) ? value : this.refuseType(index, 'Array');
  }

  object(index: number): ValueObject {
    const value = this.value(index);
    return isObject(value) ? value : this.refuseType(index, 'Object');
  }

  texts(from = 0): string[] {
    return this.values.slice(from).map((_, index) => this.text(from + index));
  }

  refuseType(index: number, expected: string): never {
    const position = ordinals[index] ?? `${index + 1}th`;
    const actual = typeName(this.value(index));
    throw new ExpressionError(
      `The template language function '${this.functionName}' expects its ${position} parameter to be of type ` +
        `'${expected}'. The provided value is of type '${actual}'. ${EXPRESSION_HELP}`,
    );
  }

  /** For a value of the right type that is not valid. */
  refuse(reason: string): never {
    throw new ExpressionError(
      `Unable to evaluate template language function '${this.functionName}': ${reason}. ${EXPRESSION_HELP}`,
    );
  }
}

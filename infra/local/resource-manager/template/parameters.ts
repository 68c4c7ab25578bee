/** The parameters of a deployment: what was given, or the declared default, of the declared type. */
import { describing, TemplateError } from '../expressions/errors';
import { evaluate } from '../expressions/evaluate';
import { type Scope } from '../expressions/scope';
import {
  asText,
  isEqual,
  isObject,
  member,
  memberName,
  typeName,
  UNKNOWN,
  type Value,
} from '../expressions/values';
import { type GivenParameters, type ParameterDeclaration, type ParameterType } from './template';

const FILE_HELP = 'Please see https://aka.ms/arm-create-parameter-file for usage details.';

/** As answers and messages write the types. */
export const typeNames: Record<ParameterType, string> = {
  string: 'String',
  securestring: 'SecureString',
  int: 'Int',
  bool: 'Bool',
  object: 'Object',
  secureobject: 'SecureObject',
  array: 'Array',
};

export const isSecure = (type: ParameterType): boolean => type.startsWith('secure');

export class TemplateParameters {
  private readonly values = new Map<string, Value>();
  private readonly inProgress = new Set<string>();

  /** `scopeOfDefaults` is what default values are evaluated in. @throws TemplateError for those that are not declared */
  constructor(
    private readonly declarations: Record<string, ParameterDeclaration>,
    private readonly given: GivenParameters,
    private readonly scopeOfDefaults: Scope,
  ) {
    const surplus = Object.keys(given).filter((name) => memberName(declarations, name) === undefined);
    if (surplus.length > 0) {
      throw new TemplateError(
        `The template parameters '${surplus.join(', ')}' in the parameters file are not valid; they are not present ` +
          'in the original template and can therefore not be provided at deployment time. The only supported ' +
          `parameters for this template are '${Object.keys(declarations).join(', ')}'. ` +
          'Please see https://aka.ms/arm-pass-parameter-values for usage details.',
      );
    }
  }

  /** @throws TemplateError for the first that has no value, or an invalid one */
  check(): void {
    for (const name of Object.keys(this.declarations)) this.value(name);
  }

  /** Undefined for a parameter that is not declared. @throws TemplateError as `check` */
  value(name: string): Value | undefined {
    const key = memberName(this.declarations, name);
    const declared = key === undefined ? undefined : this.declarations[key];
    if (key === undefined || declared === undefined) return undefined;
    const known = this.values.get(key);
    if (known !== undefined) return known;
    const value = this.resolve(key, declared);
    this.values.set(key, value);
    return value;
  }

  /** As returned for a deployment: types, and the values of those that are not secure. */
  described(): Record<string, { type: string; value?: Value }> {
    return Object.fromEntries(
      Object.entries(this.declarations).map(([name, { type }]) => {
        const value = this.value(name) ?? null;
        return [name, { type: typeNames[type], ...(isSecure(type) || value === null ? {} : { value }) }];
      }),
    );
  }

  /** Every text in the values of secure parameters. */
  secrets(): string[] {
    return Object.entries(this.declarations)
      .filter(([, { type }]) => isSecure(type))
      .flatMap(([name]) => textsIn(this.value(name) ?? null));
  }

  private resolve(name: string, declared: ParameterDeclaration): Value {
    const given = member(this.given, name);
    if (given?.reference !== undefined) {
      throw new TemplateError(
        `The local Resource Manager does not implement the Key Vault reference of the parameter '${name}'.`,
        'NotImplemented',
      );
    }
    if (given?.value !== undefined && given.value !== null) return checked(name, declared, given.value);
    if (declared.defaultValue !== undefined) return checked(name, declared, this.defaultOf(name, declared));
    if (declared.nullable) return null;
    throw new TemplateError(`The value for the template parameter '${name}' is not provided. ${FILE_HELP}`);
  }

  private defaultOf(name: string, { defaultValue }: ParameterDeclaration): Value {
    if (this.inProgress.has(name)) {
      throw new TemplateError(
        `The template parameter '${name}' is not valid: circular dependency of parameters.`,
      );
    }
    this.inProgress.add(name);
    const value = describing(`parameter '${name}'`, () =>
      evaluate(defaultValue ?? null, this.scopeOfDefaults),
    );
    this.inProgress.delete(name);
    return value;
  }
}

const isOfType: Record<ParameterType, (value: Value) => boolean> = {
  string: (value) => typeof value === 'string',
  securestring: (value) => typeof value === 'string',
  int: (value) => typeof value === 'number' && Number.isInteger(value),
  bool: (value) => typeof value === 'boolean',
  object: isObject,
  secureobject: isObject,
  array: (value) => Array.isArray(value),
};

const expectedNames: Record<ParameterType, string> = {
  ...typeNames,
  string: 'String, Uri',
  securestring: 'String, Uri',
  int: 'Integer',
  bool: 'Boolean',
  secureobject: 'Object',
};

function checked(name: string, declared: ParameterDeclaration, value: Value): Value {
  if (value === UNKNOWN) return value;
  const refuse = (reason: string): never => {
    throw new TemplateError(
      `The provided value for the template parameter '${name}' is not valid. ${reason} ${FILE_HELP}`,
    );
  };
  const { type, allowedValues, minLength, maxLength, minValue, maxValue } = declared;
  if (!isOfType[type](value)) {
    refuse(
      `Expected a value of type '${expectedNames[type]}', but received a value of type '${typeName(value)}'.`,
    );
  }
  if (allowedValues !== undefined && !allowedValues.some((allowed) => isEqual(allowed, value))) {
    const shown = isSecure(type) ? '' : ` '${asText(value)}'`;
    refuse(
      `The value${shown} is not part of the allowed value(s): '${allowedValues.map(asText).join(',')}'.`,
    );
  }
  const length = typeof value === 'string' || Array.isArray(value) ? value.length : undefined;
  atLeast(length, minLength, 'Length of the value', refuse);
  atMost(length, maxLength, 'Length of the value', refuse);
  const number = typeof value === 'number' ? value : undefined;
  atLeast(number, minValue, 'The value', refuse);
  atMost(number, maxValue, 'The value', refuse);
  return value;
}

type Refuse = (reason: string) => never;

function atLeast(value: number | undefined, least: number | undefined, what: string, refuse: Refuse): void {
  if (value !== undefined && least !== undefined && value < least) {
    refuse(`${what} should be greater than or equal to '${least}'.`);
  }
}

function atMost(value: number | undefined, most: number | undefined, what: string, refuse: Refuse): void {
  if (value !== undefined && most !== undefined && value > most) {
    refuse(`${what} should be less than or equal to '${most}'.`);
  }
}

function textsIn(value: Value): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

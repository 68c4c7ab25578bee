/** The text of a command's `--help`. */
import type { ParseArgsConfig } from 'node:util';

/** An option as `parseArgs` takes it, and what the help says of it. */
export type CommandOption = NonNullable<ParseArgsConfig['options']>[string] & {
  /** What the help calls its value, such as `FILE`; options of type string only. */
  value?: string;
  help: string;
};

interface Described {
  name: string;
  description: string;
  options: Readonly<Record<string, CommandOption>>;
  environment?: Readonly<Record<string, string>>;
  examples: readonly (readonly [args: string, effect: string])[];
}

/** What it does, its options, its environment and examples, for a terminal. */
export function formatHelp({ name, description, options, environment = {}, examples }: Described): string {
  const optionRows = Object.entries(options).map(
    ([option, spec]) => [flag(option, spec), `${spec.help}${defaultOf(spec)}`] as const,
  );
  const calls = examples.map(
    ([args, effect]) => [args === '' ? name : `${name} -- ${args}`, effect] as const,
  );
  return [
    description,
    section('Options', [...optionRows, ['-h, --help', 'this text']]),
    section('Environment', Object.entries(environment)),
    section('Examples', calls),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function flag(option: string, { value = 'TEXT', type }: CommandOption): string {
  return type === 'boolean' ? `--${option}` : `--${option} ${value}`;
}

function defaultOf({ default: value, type }: CommandOption): string {
  return value === undefined || value === '' || type === 'boolean' ? '' : ` (default: ${String(value)})`;
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return '';
  const width = Math.max(...rows.map(([left]) => left.length));
  return [`${title}:`, ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)].join('\n');
}

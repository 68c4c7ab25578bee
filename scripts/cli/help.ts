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
  const calls = examples.map(([args, effect]) => [callOf(name, args), effect] as const);
  return [
    description,
    section('Options', [...optionRows, ['-h, --help', 'this text']]),
    section('Environment', Object.entries(environment)),
    section('Examples', calls),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The help of a name with several commands. */
export function formatOverview({
  name,
  description,
  commands,
}: {
  name: string;
  description: string;
  commands: Readonly<Record<string, { does: string }>>;
}): string {
  const rows = Object.entries(commands);
  return [
    description,
    section(
      'Commands',
      rows.map(([command, { does }]) => [command, does] as const),
    ),
    section('Options', [['-h, --help', 'this text; after a command, its options and examples']]),
    section(
      'Examples',
      rows.map(([command]) => [callOf(name, `${command} --help`), `how to call ${command}`] as const),
    ),
  ].join('\n\n');
}

/** How a command is called with arguments: npm passes on what follows its two dashes. */
export function callOf(name: string, args: string): string {
  if (args === '') return name;
  return name.includes(' -- ') ? `${name} ${args}` : `${name} -- ${args}`;
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

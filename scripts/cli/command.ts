/** What every command of this repository shares: options, `--help`, one-line errors, exit codes, Ctrl-C. */
import { constants } from 'node:os';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { callOf, type CommandOption, formatHelp, formatOverview } from './help';

type Options = Record<string, CommandOption>;
type Values<O extends Options> = ReturnType<typeof parseArgs<{ options: O }>>['values'];

export interface Command<O extends Options> {
  /** As it is called: `npm run demo`. */
  name: string;
  /** What it does, in a few lines. */
  description: string;
  options: O;
  /** Environment variables that change what it does. */
  environment?: Readonly<Record<string, string>>;
  /** Arguments as they are typed after the name, and what they do. */
  examples: readonly (readonly [args: string, effect: string])[];
  /** Printed at Ctrl-C and SIGTERM, which then end it; absent when `run` handles both itself. */
  onInterrupt?: string;
  run(values: Values<O>): Promise<void>;
}

/** The command was called in a way that it does not understand: one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit codes: 1 it failed, 2 it was called wrongly, 128 + signal when interrupted. */
const FAILED = 1;
const CALLED_WRONGLY = 2;

/** Runs with these arguments; `name` is how it was called, for help and errors. */
type RunCommand = (args: string[], name: string) => Promise<void>;

interface CommandGroup {
  /** As it is called: `npm run cloud-client`. */
  name: string;
  description: string;
  /** By the word that follows the name. */
  commands: Readonly<Record<string, { does: string; run: RunCommand }>>;
  /** The command that options without a word belong to. */
  otherwise: string;
}

/** Runs the command that the first argument names. */
export async function runCommandOf(group: CommandGroup): Promise<void> {
  const [first, ...rest] = process.argv.slice(2);
  if (first === undefined || first === '--help' || first === '-h') {
    console.log(formatOverview(group));
    return;
  }
  const isOption = first.startsWith('-');
  const command = group.commands[isOption ? group.otherwise : first];
  if (command) {
    await (isOption
      ? command.run([first, ...rest], group.name)
      : command.run(rest, `${group.name} -- ${first}`));
    return;
  }
  const known = Object.keys(group.commands).join(', ');
  console.error(`There is no command “${first}”: choose of ${known}. (${callOf(group.name, '--help')})`);
  process.exit(CALLED_WRONGLY);
}

/** Runs it with these arguments, those of this process by default. Its errors end as one line on stderr. */
export async function runCommand<const O extends Options>(
  command: Command<O>,
  args: string[] = process.argv.slice(2),
): Promise<void> {
  const { name, onInterrupt } = command;
  try {
    const values = parse(command, args);
    if (values === undefined) {
      console.log(formatHelp(command));
      return;
    }
    if (onInterrupt !== undefined) announceInterrupt(onInterrupt);
    await command.run(values);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    console.error(isUsage ? `${error.message} (${callOf(name, '--help')})` : report(error));
    // At once: what a failed command left open must not keep it alive.
    process.exit(isUsage ? CALLED_WRONGLY : FAILED);
  }
}

/** The options' values; undefined when help is asked for. */
function parse<O extends Options>(command: Command<O>, args: string[]): Values<O> | undefined {
  const options: ParseArgsConfig['options'] = {
    ...command.options,
    help: { type: 'boolean', short: 'h' },
  };
  try {
    const { values } = parseArgs({ args, options });
    return values.help === true ? undefined : (values as Values<O>);
  } catch (error) {
    throw new UsageError(explained(messageOf(error), args), { cause: error });
  }
}

/** One line of what `parseArgs` says: advice on arguments that begin with a dash follows its first sentence. */
function explained(message: string, args: readonly string[]): string {
  const ambiguous = /^Option '.*?(--[^' ]+).*' argument is ambiguous/.exec(message)?.[1];
  if (ambiguous !== undefined) {
    const value = args[args.indexOf(ambiguous) + 1] ?? '';
    return `${ambiguous} needs a value, and “${value}” looks like an option: write ${ambiguous}=${value} if it is the value.`;
  }
  return (message.split(/\.\s/)[0] ?? message).replace(/\.?$/, '.');
}

/** Leaving by `process.exit` runs the exit guards of what was started. */
function announceInterrupt(text: string): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.error(`\n${text}`);
      process.exit(128 + constants.signals[signal]);
    });
  }
}

/** A mistake of ours needs its stack, everything else is said by its message. */
function report(error: unknown): string {
  const isOurs = error instanceof TypeError || error instanceof ReferenceError;
  return (isOurs ? error.stack : undefined) ?? messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

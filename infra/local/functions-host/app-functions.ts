/** The functions of an app, grouped by trigger and checked against what this host supports. */
import { triggerOf } from './invoker';
import { type FunctionMetadata, type RpcBinding } from './worker/rpc';

const TRIGGERS = ['http', 'queue', 'timer', 'eventGrid', 'orchestration', 'activity'] as const;
const INPUTS = ['durableclient'];
const OUTPUTS = ['http', 'queue'];

type TriggerKind = (typeof TRIGGERS)[number];
export type AppFunctions = Readonly<Record<TriggerKind, readonly FunctionMetadata[]>>;

/**
 * Replaces `%SETTING%` in bindings by the setting, and sorts. Throws, naming the function, when a setting is missing or
 * a trigger, binding or retry policy is one that this host does not implement.
 */
export function sortFunctions(
  functions: readonly FunctionMetadata[],
  settings: Readonly<Record<string, string | undefined>>,
): AppFunctions {
  const sorted = Object.fromEntries(TRIGGERS.map((kind) => [kind, [] as FunctionMetadata[]])) as Record<
    TriggerKind,
    FunctionMetadata[]
  >;
  for (const registered of functions) {
    const target = resolveSettings(registered, settings);
    const { type } = triggerOf(target);
    const kind = TRIGGERS.find((name) => `${name}trigger`.toLowerCase() === type.toLowerCase());
    if (!kind) throw notImplemented(target, `trigger '${type}'`);
    checkBindings(target, kind);
    sorted[kind].push(target);
  }
  return sorted;
}

function checkBindings(target: FunctionMetadata, kind: TriggerKind): void {
  const trigger = triggerOf(target);
  if (trigger.cardinality === 'many') throw notImplemented(target, `cardinality 'many'`);
  // Of the triggers here, only the timer supports retry policies in Azure.
  if (target.retryOptions && kind !== 'timer')
    throw notImplemented(target, `a retry policy on '${trigger.type}'`);
  for (const binding of Object.values(target.bindings)) {
    if (binding === trigger) continue;
    const known = binding.direction === 'in' ? INPUTS : OUTPUTS;
    if (!known.includes(binding.type.toLowerCase())) {
      throw notImplemented(target, `${binding.direction}put binding '${binding.type}'`);
    }
  }
}

function notImplemented(target: FunctionMetadata, what: string): Error {
  return new Error(`Function '${target.name}': ${what} is not implemented by the local Functions host`);
}

function resolveSettings(
  target: FunctionMetadata,
  settings: Readonly<Record<string, string | undefined>>,
): FunctionMetadata {
  const resolve = (text: string) =>
    text.replace(/%([^%]+)%/g, (_, name: string) => {
      const value = settings[name];
      if (value === undefined)
        throw new Error(`Function '${target.name}': '%${name}%' does not resolve to a value.`);
      return value;
    });
  const bindings = Object.entries(target.bindings).map(([name, binding]) => {
    const properties = Object.entries(binding).map(([key, value]) => [
      key,
      typeof value === 'string' ? resolve(value) : value,
    ]);
    return [name, Object.fromEntries(properties) as RpcBinding] as const;
  });
  return { ...target, bindings: Object.fromEntries(bindings) };
}

/** The registry of a simulated machine: a JSON file, and the rules of which values may be read and written (TRB-2). */
import type { DeliveredParameters } from '../../../functions/servers';
import type { MachineFiles } from './machine-files';

type Write = DeliveredParameters<'writeRegistry'>;
type Data = Write['value'];
type ValueName = Pick<Write, 'key' | 'name'>;

/** Exactly these: another spelling of a key may be another key. */
const KEYS: readonly string[] = [
  'SOFTWARE\\Citrix\\SmartAuditor\\Server',
  'SOFTWARE\\Citrix\\SmartAuditor\\SessionEvents',
  'SOFTWARE\\Citrix\\SessionRecording',
] satisfies Write['key'][];

export class Registry {
  constructor(private readonly files: MachineFiles) {}

  /** The value; null when there is none. @throws Error for a key that is not listed */
  read({ key, name }: ValueName): Data | null {
    return this.values()[idOf(key, name)] ?? null;
  }

  /** Writes the value and returns the one before. @throws Error for a key that is not listed, or when the type differs */
  write({ key, name, value }: Write): Data | null {
    const values = this.values();
    const id = idOf(key, name);
    const old = values[id] ?? null;
    if (old && old.type !== value.type)
      throw new Error(`${name} is a ${old.type}: its type stays, and nothing was written.`);
    this.files.write('registry', { ...values, [id]: value });
    return old;
  }

  private values(): Record<string, Data> {
    return this.files.read<Record<string, Data>>('registry', {});
  }
}

function idOf(key: string, name: string): string {
  if (!KEYS.includes(key)) throw new Error(`The key ${key} is not on the list.`);
  return `${key}\\${name.toLowerCase()}`;
}

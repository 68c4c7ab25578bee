/** The settings of a simulated machine: a JSON file that the service changes, and whoever edits it. */
import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { ConfigurationHost, LocalChange } from '../machine';
import type { MachineFiles } from './machine-files';
import type { Scenario } from './scenario';

const SETTINGS = 'settings';
const KNOWN = 'known-settings';
const MAX_TEXT = 4_000;

type Settings = Record<string, unknown>;

/** What the service knows of the settings. */
interface KnownSettings {
  /** Of the service's settings that were applied last; 0 for none. */
  version: number;
  settings: Settings;
  /** Are being applied: after an interruption the file has either these or those before. */
  applying?: Settings;
}

export class MachineSettings implements ConfigurationHost {
  constructor(
    private readonly files: MachineFiles,
    private readonly scenario: Scenario,
  ) {}

  /** Fails as `configuration.NAME` of the scenario says; of the sections only the settings change the machine. */
  applySection(name: string, value: unknown): void {
    this.scenario.pass(`configuration.${name}`);
    if (name !== SETTINGS || value === null) return;
    const { version, ...settings } = value as Settings & { version: number };
    const known = this.known();
    // What is different from the version that was applied was changed here since, and goes to the service.
    if (known?.version === version) return;
    this.requireCertificate(settings['signingCertificate']);
    this.files.write(KNOWN, { version: 0, settings: this.current() ?? {}, ...known, applying: settings });
    this.files.write(SETTINGS, settings);
    this.files.write(KNOWN, { version, settings });
  }

  readSettings(): { version: number; settings: object } | undefined {
    const settings = this.current();
    return settings && { version: this.known()?.version ?? 0, settings };
  }

  /** One change for each member of the file that differs; a file that is being edited is read later. */
  localChanges(): LocalChange[] {
    const [known, current] = [this.known(), this.current()];
    if (!known || !current || isDeepStrictEqual(current, known.applying)) return [];
    const names = [...new Set([...Object.keys(known.settings), ...Object.keys(current)])];
    return names
      .filter((name) => !isDeepStrictEqual(known.settings[name], current[name]))
      .map((name) => this.changeOf(name, known, current));
  }

  acceptLocalChanges(): void {
    this.files.write(KNOWN, { version: this.known()?.version ?? 0, settings: this.current() ?? {} });
  }

  private changeOf(name: string, known: KnownSettings, current: Settings): LocalChange {
    const changedAt = this.files.changedAt(SETTINGS).toISOString();
    const texts = { old: textOf(known.settings[name]), new: textOf(current[name]) };
    return {
      // Made of the change itself: found again after an interruption, it is the same.
      id: uuidOf(JSON.stringify([changedAt, name, texts])),
      time: changedAt,
      action: `server.changeSettings.${name}`.slice(0, 128),
      by: userInfo().username,
      ...texts,
    };
  }

  private requireCertificate(thumbprint: unknown): void {
    const known = this.files.read<{ thumbprint: string }[]>('certificates', []);
    if (typeof thumbprint !== 'string') return;
    if (!known.some((certificate) => certificate.thumbprint === thumbprint))
      throw new Error(`There is no machine certificate with the thumbprint ${thumbprint}.`);
  }

  private known(): KnownSettings | undefined {
    return this.files.read<KnownSettings | undefined>(KNOWN, undefined);
  }

  private current(): Settings | undefined {
    try {
      return this.files.read<Settings | undefined>(SETTINGS, undefined);
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }
}

function textOf(value: unknown): string {
  return (JSON.stringify(value) ?? '').slice(0, MAX_TEXT);
}

/** A UUID that is always the same for the same text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

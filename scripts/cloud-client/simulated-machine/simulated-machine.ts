/** A folder that plays a recording server, so that every command can be executed, and made to fail, on any machine. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { createPipelineRequest, createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { zipSync } from 'fflate';
import type { CommandData, DeliveredParameters } from '../../../functions/servers';
import type { Command, ReportProgress } from '../command-runner';
import { download, unpack } from './installer';
import { MachineFiles } from './machine-files';
import { healthOf } from './machine-health';
import { MachineSettings } from './machine-settings';
import { Registry } from './registry';
import { Scenario } from './scenario';
import { SelfChecks } from './self-checks';

type DataOf<K extends CommandData['kind']> = Extract<CommandData, { kind: K }>;
type Executors = {
  [K in CommandData['kind']]: (
    parameters: DeliveredParameters<K>,
    report: ReportProgress,
  ) => Promise<DataOf<K>>;
};
type ServiceName = DeliveredParameters<'restartService'>['service'];

/** Enough for the largest file that is accepted, at 25 Mbit/s. */
const UPLOAD_TIMEOUT_MS = 1_800_000;

export class SimulatedMachine {
  readonly files: MachineFiles;
  /** What it does with its configuration. */
  readonly settings: MachineSettings;
  private readonly registry: Registry;
  private readonly scenario: Scenario;
  private readonly selfChecks: SelfChecks;
  private lastHealth: ReturnType<typeof healthOf> = {};

  /**
   * @param root holds the machine; what is to fail stands in its `scenario.json`, as `{"failures": {"install.download": "…"}}`
   */
  constructor(
    root: string,
    private readonly http: HttpClient,
  ) {
    this.files = new MachineFiles(root);
    this.registry = new Registry(this.files);
    this.scenario = new Scenario(path.join(root, 'scenario.json'));
    this.selfChecks = new SelfChecks(this.files, this.scenario);
    this.settings = new MachineSettings(this.files, this.scenario);
  }

  /** The versions that were installed by commands. */
  get versions(): { serverVersion?: string; clientVersion?: string } {
    return this.files.read('versions', {});
  }

  /** What heartbeats say beside the load; what was last known while a file is being edited. */
  get health(): ReturnType<typeof healthOf> {
    try {
      this.lastHealth = healthOf(this.files, this.scenario);
    } catch {
      // The next heartbeat reads the files again.
    }
    return this.lastHealth;
  }

  /** Executes a command; undefined for a kind that it does not know. */
  execute(command: Command, report: ReportProgress): Promise<CommandData> | undefined {
    const { kind, parameters } = command;
    if (!Object.hasOwn(this.executors, kind)) return undefined;
    // The service has checked the parameters against the schema of the kind.
    const executor = this.executors[kind as CommandData['kind']] as (
      parameters: Record<string, unknown>,
      report: ReportProgress,
    ) => Promise<CommandData>;
    return this.attempt(kind, () => executor(parameters, report));
  }

  private async attempt<T>(kind: string, run: () => Promise<T>): Promise<T> {
    this.scenario.pass(kind);
    return run();
  }

  private readonly executors: Executors = {
    prerequisiteCheck: ({ installationPath }) =>
      Promise.resolve({
        kind: 'prerequisiteCheck',
        checks: this.selfChecks.checkPrerequisites(installationPath),
      }),
    diagnostics: () => Promise.resolve({ kind: 'diagnostics', checks: this.selfChecks.diagnose() }),
    testConnection: ({ recordingDatabase, loggingDatabase }) => {
      const known = this.files.read<string[]>('databases', []);
      const existingDatabases = [recordingDatabase, loggingDatabase].filter((name) => known.includes(name));
      return Promise.resolve({ kind: 'testConnection', sqlServerVersion: '16.0.4135.4', existingDatabases });
    },
    install: (parameters, report) => this.install(parameters, report),
    upgrade: (parameters, report) => this.upgrade(parameters, report),
    checkServices: ({ services }) =>
      Promise.resolve({ kind: 'checkServices', services: services.map((name) => this.stateOf(name)) }),
    restartService: ({ service }) => {
      this.scenario.pass(`restartService.${service}`);
      this.files.write('services', { ...this.files.read('services', {}), [service]: 'running' });
      return Promise.resolve({ kind: 'restartService', service: this.stateOf(service) });
    },
    readRegistry: ({ values }) =>
      Promise.resolve({
        kind: 'readRegistry',
        values: values.map((value) => ({ ...value, value: this.registry.read(value) })),
      }),
    writeRegistry: (parameters) =>
      Promise.resolve({
        kind: 'writeRegistry',
        key: parameters.key,
        name: parameters.name,
        old: this.registry.write(parameters),
        new: parameters.value,
      }),
    uploadLog: (parameters) => this.uploadLog(parameters),
    archiveFile: ({ path: file, location }) => Promise.resolve(this.archive(file, location)),
    deleteFile: ({ path: file }) => {
      const place = this.files.locate(file);
      const existed = existsSync(place);
      rmSync(place, { force: true });
      return Promise.resolve({ kind: 'deleteFile', existed });
    },
    uploadFile: (parameters, report) => this.uploadFile(parameters, report),
  };

  private async install(
    parameters: DeliveredParameters<'install'>,
    report: ReportProgress,
  ): Promise<DataOf<'install'>> {
    const { serverVersion, installationPath, databases } = parameters;
    await report('Step 1 of 3: Downloading …');
    this.scenario.pass('install.download');
    const content = await download(this.http, parameters.package);
    await report('Step 2 of 3: Installing …');
    this.scenario.pass('install.unpack');
    this.selfChecks.requireInstallationPath(installationPath);
    unpack(this.files, content, installationPath);
    await report('Step 3 of 3: Configuring …');
    this.scenario.pass('install.configure');
    const { password: _secret, ...configured } = databases;
    this.files.write('installation', { serverVersion, installationPath, databases: configured });
    this.files.write('databases', [databases.recordingDatabase, databases.loggingDatabase]);
    this.scenario.pass('install.start');
    this.files.write('services', {});
    this.files.write('versions', { ...this.versions, serverVersion });
    return { kind: 'install', serverVersion, restartRequired: false };
  }

  private async upgrade(
    parameters: DeliveredParameters<'upgrade'>,
    report: ReportProgress,
  ): Promise<DataOf<'upgrade'>> {
    const { clientVersion } = parameters;
    if (this.versions.clientVersion !== clientVersion) {
      await report('Downloading …');
      this.scenario.pass('upgrade.download');
      const content = await download(this.http, parameters.package);
      await report('Installing …');
      this.scenario.pass('upgrade.install');
      unpack(this.files, content, `C:\\CloudClient\\${clientVersion}`);
      this.files.write('versions', { ...this.versions, clientVersion });
    }
    return { kind: 'upgrade', clientVersion };
  }

  private stateOf(name: ServiceName): DataOf<'restartService'>['service'] {
    const reason = this.scenario.failureOf(`service.${name}`);
    if (reason !== undefined) return { name, state: 'stopped', reason };
    return { name, state: 'running' };
  }

  private async uploadLog({
    url,
    services,
    maxBytes,
  }: DeliveredParameters<'uploadLog'>): Promise<DataOf<'uploadLog'>> {
    const logs = services.map((name): [string, Uint8Array] => [`${name}.log`, this.logOf(name)]);
    // Of a fixed time: an attempt that was interrupted has made the same bytes.
    const content = zipSync(Object.fromEntries(logs), { mtime: '2020-01-01' });
    if (content.length > maxBytes) throw new Error(`The logs have ${content.length} bytes, of ${maxBytes}.`);
    await this.put(url, { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/zip' }, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { kind: 'uploadLog', sizeBytes: content.length, sha256 };
  }

  private async uploadFile(
    { path: file, sizeBytes, url }: DeliveredParameters<'uploadFile'>,
    report: ReportProgress,
  ): Promise<DataOf<'uploadFile'>> {
    const place = this.files.locate(file);
    if (!existsSync(place)) throw new Error(`${file} is not there`);
    const { size } = statSync(place);
    if (size !== sizeBytes) throw new Error(`${file} has ${size} bytes, not ${sizeBytes}`);
    await report('Uploading …');
    const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-length': String(size) };
    await this.put(url, headers, () => createReadStream(place));
    return { kind: 'uploadFile', sizeBytes: size };
  }

  /** Creates a blob; also when an attempt that was interrupted has done so (409). */
  private async put(
    url: string,
    headers: Record<string, string>,
    body: Uint8Array | (() => NodeJS.ReadableStream),
  ): Promise<void> {
    const { status } = await this.http.sendRequest(
      createPipelineRequest({
        url,
        method: 'PUT',
        headers: createHttpHeaders(headers),
        body,
        allowInsecureConnection: true,
        abortSignal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
      }),
    );
    if (status !== 201 && status !== 409) throw new Error(`The blob store answered ${status}.`);
  }

  private logOf(name: string): Uint8Array {
    const file = path.join(this.files.root, 'logs', `${name}.log`);
    return existsSync(file) ? readFileSync(file) : Buffer.from(`${name}: no entries\n`);
  }

  private archive(file: string, location: string): DataOf<'archiveFile'> {
    const source = this.files.locate(file);
    const moved = `${location.replace(/[\\/]+$/, '')}\\${file.split(/[\\/]/).at(-1) ?? ''}`;
    const target = this.files.locate(moved);
    if (existsSync(source)) {
      mkdirSync(path.dirname(target), { recursive: true });
      copyFileSync(source, target);
      if (!readFileSync(source).equals(readFileSync(target))) throw new Error(`The copy of ${file} differs.`);
      rmSync(source);
    }
    if (!existsSync(target)) throw new Error(`${file} is not there.`);
    return { kind: 'archiveFile', path: moved, sizeBytes: statSync(target).size };
  }
}

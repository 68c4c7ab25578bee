/** What a simulated machine finds out about itself: diagnostics, and whether the server component can be installed. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import type { CommandData } from '../../../functions/servers';
import type { MachineCertificate } from '../machine';
import type { MachineFiles } from './machine-files';
import type { Scenario } from './scenario';

type Check = Extract<CommandData, { kind: 'diagnostics' }>['checks'][number];
/** What did not pass. */
type Finding = Pick<Check, 'result' | 'cause'> & { remedy?: string };

const PREREQUISITES = {
  domain: 'Domain',
  operatingSystem: 'Operating system',
  installationPath: 'Installation path',
  diskSpace: 'Disk space',
  restartPending: 'Pending restart',
};
const DIAGNOSTICS = {
  services: 'Services',
  databaseConnection: 'Recording database',
  sqlSystemAccount: 'Database account',
  loggingDatabase: 'Logging database',
  storageLocations: 'Storage locations',
  signingCertificate: 'Signing certificate',
  cloudConnection: 'Connection to the service',
  clock: 'Clock',
  domain: 'Domain',
  restartPending: 'Pending restart',
};

const DAY_MS = 86_400_000;
const CERTIFICATE_WARNING_DAYS = 30;
const SERVICES = [
  'IIS',
  'CitrixSsRecAnalyticsService',
  'CitrixSsRecStorageManager',
  'CitrixSsRecCloudClientMonitorService',
];
/** Names that Windows reserves or cannot store. */
const FORBIDDEN_NAME = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|[. ]$|[<>:"|?*\p{Cc}]/iu;

export class SelfChecks {
  constructor(
    private readonly files: MachineFiles,
    private readonly scenario: Scenario,
  ) {}

  /** All checks of the protocol's list; `check.ID` of the scenario makes one fail. */
  diagnose(): Check[] {
    return this.checks(DIAGNOSTICS, {
      services: this.services(),
      storageLocations: this.storage(),
      signingCertificate: this.certificate(),
    });
  }

  /** @param installationPath not checked without it */
  checkPrerequisites(installationPath: string | undefined): Check[] {
    return this.checks(PREREQUISITES, {
      installationPath:
        installationPath === undefined ? { result: 'skipped' } : this.installationPath(installationPath),
    });
  }

  /** @throws Error with the reason when nothing can be installed there */
  requireInstallationPath(installationPath: string): void {
    const cause = this.installationPath(installationPath)?.cause;
    if (cause !== undefined) throw new Error(cause);
  }

  private checks(
    names: Record<string, string>,
    findings: Readonly<Record<string, Finding | undefined>>,
  ): Check[] {
    return Object.entries(names).map(([id, name]) => {
      const cause = this.scenario.failureOf(`check.${id}`);
      const finding =
        cause === undefined
          ? findings[id]
          : { result: 'failed' as const, cause, remedy: 'Correct it, then repeat the check.' };
      return { id, name, result: 'passed', ...finding };
    });
  }

  private services(): Finding | undefined {
    const stopped = SERVICES.flatMap((name) => {
      const reason = this.scenario.failureOf(`service.${name}`);
      return reason === undefined ? [] : [`${name} does not run: ${reason}`];
    });
    return stopped.length > 0 ? { result: 'failed', cause: stopped.join(' ') } : undefined;
  }

  private storage(): Finding | undefined {
    const lost = this.scenario.problems.filter(({ kind }) => kind === 'storageUnreachable');
    if (lost.length === 0) return undefined;
    return { result: 'failed', cause: `Cannot be reached: ${lost.map((one) => one.path).join(', ')}` };
  }

  private certificate(): Finding | undefined {
    const { signingCertificate } = this.files.read<{ signingCertificate?: string }>('settings', {});
    if (signingCertificate === undefined) return { result: 'skipped' };
    const certificates = this.files.read<MachineCertificate[]>('certificates', []);
    const found = certificates.find(({ thumbprint }) => thumbprint === signingCertificate);
    if (!found) return { result: 'failed', cause: `There is no certificate ${signingCertificate}.` };
    const days = (Date.parse(found.validUntil) - Date.now()) / DAY_MS;
    if (days > CERTIFICATE_WARNING_DAYS) return undefined;
    const result = days > 0 ? 'warning' : 'failed';
    return { result, cause: `The certificate ${found.subject} is valid until ${found.validUntil}.` };
  }

  /** Its drive is there, its names are possible, and no file is in the way. */
  private installationPath(wanted: string): Finding | undefined {
    const [drive = '', ...names] = wanted.replace(/\\$/, '').split('\\');
    const refuse = (cause: string, remedy: string): Finding => ({ result: 'failed', cause, remedy });
    const drives = this.drives();
    if (!drives.includes(drive.toUpperCase()))
      return refuse(
        `This machine has no drive ${drive}`,
        `Choose a folder on one of its drives: ${drives.join(', ')}`,
      );
    const bad = names.find((name) => name === '' || FORBIDDEN_NAME.test(name));
    if (bad !== undefined || names.length === 0)
      return refuse(
        `Windows allows no folder "${bad ?? wanted}"`,
        'Choose the full path of a folder, such as C:\\SessionRecording.',
      );
    const inTheWay = names
      .map((_, index) => [drive, ...names.slice(0, index + 1)].join('\\'))
      .find((part) => statSync(this.files.locate(part), { throwIfNoEntry: false })?.isFile());
    if (inTheWay !== undefined)
      return refuse(`${inTheWay} is a file.`, 'Choose another folder, or remove the file.');
    return undefined;
  }

  /** The folders of the disk; the first drive is always there. */
  private drives(): string[] {
    const found = existsSync(this.files.disk) ? readdirSync(this.files.disk) : [];
    const letters = found.filter((name) => /^[A-Za-z]$/.test(name)).map((name) => `${name.toUpperCase()}:`);
    return [...new Set(['C:', ...letters])].sort();
  }
}

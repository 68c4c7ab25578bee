/** What a simulated machine says in heartbeats beside its load: administrator log, certificates, problems. */
import type { MachineCertificate, MachineState } from '../machine';
import type { MachineFiles } from './machine-files';
import type { Scenario } from './scenario';

type Health = Pick<MachineState, 'administratorLogging' | 'certificates' | 'problems'>;

/** Of `settings.json` as far as health depends on it. */
interface RelevantSettings {
  signingCertificate?: string;
  logging?: { administratorLogging?: boolean };
}

/** Certificates are those of `certificates.json`; which one signs, and whether the log is on, its settings say. */
export function healthOf(files: MachineFiles, scenario: Scenario): Health {
  const settings = files.read<RelevantSettings>('settings', {});
  const certificates = files.read<Omit<MachineCertificate, 'signing'>[]>('certificates', []);
  const isLogFailing = scenario.failureOf('administratorLogging') !== undefined;
  return {
    ...(settings.logging?.administratorLogging && {
      administratorLogging: isLogFailing ? ('failing' as const) : ('ok' as const),
    }),
    certificates: certificates.map(({ thumbprint, subject, validUntil }) => ({
      thumbprint,
      subject,
      validUntil,
      signing: thumbprint === settings.signingCertificate,
    })),
    problems: scenario.problems,
  };
}

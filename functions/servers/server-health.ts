/** What a heartbeat says is wrong with recordings, storage and certificates, compared with the one before: pure. */
import type { Activity } from '../../shared/activity/activity-event';
import type { Heartbeat, MachineCertificate, MachineProblem, MachineState } from './heartbeat';

const DAY_MILLISECONDS = 86_400_000;
/** A certificate that ends within this time is announced once (SRV-3, health of servers). */
const EXPIRY_NOTICE_DAYS = 30;

/** An activity without what names the server. */
export type Finding = Pick<Activity, 'kind' | 'severity' | 'message'> & { key: string };

const PROBLEMS: Readonly<
  Record<MachineProblem['kind'], { kind: Finding['kind']; message: (host: string, path: string) => string }>
> = {
  storageUnreachable: {
    kind: 'server.storageUnreachable',
    message: (host, path) =>
      `Server ${host} cannot reach its storage location ${path}: check the share, its permissions and the network. Recordings go to the other locations meanwhile, if there are any.`,
  },
  recordingFileLost: {
    kind: 'server.recordingFileLost',
    message: (host, path) =>
      `The recording file ${path} of server ${host} is missing: restore it from a backup, and find out who removed it.`,
  },
  signatureInvalid: {
    kind: 'server.signatureInvalid',
    message: (host, path) =>
      `The recording file ${path} of server ${host} fails its signature check: it was changed after it was recorded. Keep it as it is, and find out who could write to it.`,
  },
};

/**
 * What is new since the last heartbeat: each problem is found once while it lasts.
 * @param last the heartbeat before; undefined for the first one
 */
export function newFindings(
  hostName: string,
  last: Pick<Heartbeat, 'state' | 'lastSeenAt'> | undefined,
  state: Pick<MachineState, 'problems' | 'certificates'>,
  now: Date,
): Finding[] {
  const known = new Set((last?.state?.problems ?? []).map(keyOf));
  const problems = (state.problems ?? [])
    .filter((problem) => !known.has(keyOf(problem)))
    .map((problem): Finding => {
      const { kind, message } = PROBLEMS[problem.kind];
      return { kind, severity: 'critical', message: message(hostName, problem.path), key: keyOf(problem) };
    });
  const signing = (state.certificates ?? []).filter((certificate) => certificate.signing);
  return [...problems, ...signing.flatMap((certificate) => expiryOf(hostName, last, certificate, now))];
}

function keyOf({ kind, path }: MachineProblem): string {
  return `${kind} ${path.toLowerCase()}`;
}

export type CertificateExpiry = 'valid' | 'expiring' | 'expired';

function expiryOf(
  hostName: string,
  last: Pick<Heartbeat, 'state' | 'lastSeenAt'> | undefined,
  certificate: MachineCertificate,
  now: Date,
): Finding[] {
  const { thumbprint, subject, validUntil } = certificate;
  const before = (last?.state?.certificates ?? []).find(
    (known) => known.signing && known.thumbprint === thumbprint,
  );
  const expiry = expiryAt(certificate, now);
  if (expiry === 'valid' || (before && last && expiryAt(before, new Date(last.lastSeenAt)) === expiry))
    return [];
  const isExpired = expiry === 'expired';
  return [
    {
      kind: isExpired ? 'server.certificateExpired' : 'server.certificateExpiring',
      severity: isExpired ? 'critical' : 'warning',
      message: `The certificate ${subject} with which server ${hostName} signs recordings ${isExpired ? 'has expired' : 'expires'} on ${validUntil.slice(0, 10)}: install a new one there, and choose it in the settings of the server.`,
      key: `${expiry} ${thumbprint}`,
    },
  ];
}

/** Whether a certificate has expired, or will within the time of notice. */
export function expiryAt(
  { validUntil }: Pick<MachineCertificate, 'validUntil'>,
  now: Date,
): CertificateExpiry {
  const left = Date.parse(validUntil) - now.getTime();
  if (left <= 0) return 'expired';
  return left <= EXPIRY_NOTICE_DAYS * DAY_MILLISECONDS ? 'expiring' : 'valid';
}

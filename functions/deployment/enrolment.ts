/**
 * Enrolment tokens: with one, each machine of a site's template gets a secure client of its own, once. A machine that
 * stopped before it could use its client repeats the enrolment with the key that it sent the first time.
 */
import { randomBytes } from 'node:crypto';
import { auditTrail, type AuditTrail } from '../../shared/audit/audit-entry';
import { days, documentType, type Stored } from '../../shared/cosmos/document-type';
import { change } from '../../shared/cosmos/partition';
import { retryConflicts } from '../../shared/cosmos/retry';
import { AttemptLimiter } from '../../shared/identity/attempt-limiter';
import { newId, sha256Hex } from '../../shared/ids';
import { Problem } from '../../shared/problem';
import { subscriberNetwork } from '../../shared/pure/addresses';
import type { Services } from '../../shared/services';
import { createSecureClient, replaceSecrets } from '../identity';
import { setupStarted } from '../servers';
import { findSite } from '../sites';

export interface Enrolment {
  /** Hash of the token, which cannot be used to enrol. */
  id: string;
  siteId: string;
  createdBy: string;
  /** Names of machines that can still use the token, in lower case. */
  machines: string[];
  /** Enrolments that their machine can repeat, by its name in lower case; absent in older documents. */
  begun?: Record<string, BegunEnrolment>;
  expiresAt: string;
}

interface BegunEnrolment {
  clientId: string;
  /** Hash of the key that only the machine knows. */
  keyHash: string;
}

const LIFETIME_SECONDS = days(1);

export const enrolmentType = documentType<Enrolment>('enrolment', { ttlSeconds: LIFETIME_SECONDS });

const TOKEN_BYTES = 32;
/** The customer's id, which locates the token without a sign-in, and a random secret. */
const TOKEN = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[A-Za-z0-9_-]{43}$/;

/** Wrong tokens, per network on each instance: more than a site's machines that enrol together behind one address. */
const attempts = new AttemptLimiter(
  { attempts: 60, windowSeconds: 60 },
  'Too many attempts with a wrong enrolment token: wait before the next one.',
);

interface NewEnrolment {
  services: Pick<Services, 'clock'>;
  customerId: string;
  site: { id: string; name: string };
  machines: string[];
  createdBy: string;
  audit: AuditTrail;
}

/** Creates a token for the machines. The token is only returned, never stored. */
export async function createEnrolment(request: NewEnrolment): Promise<{ token: string; expiresAt: string }> {
  const { services, customerId, site, machines, createdBy, audit } = request;
  const token = `${customerId}.${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  const expiresAt = new Date(services.clock.now().getTime() + LIFETIME_SECONDS * 1_000).toISOString();
  const enrolment: Enrolment = {
    id: sha256Hex(token),
    siteId: site.id,
    createdBy,
    machines: machines.map((name) => name.toLowerCase()),
    expiresAt,
  };
  await audit.commit([change.create(enrolmentType, enrolment)], {
    siteId: site.id,
    target: { type: 'site', id: site.id, name: site.name },
    new: { machines, expiresAt },
  });
  return { token, expiresAt };
}

interface EnrolMachine {
  services: Pick<Services, 'database' | 'clock'>;
  token: string;
  machineName: string;
  /** A random text of the machine, with which it can repeat its enrolment. */
  machineKey?: string | undefined;
  address: string;
  traceId: string;
}

/**
 * Creates the secure client of a machine. Client, audit entry and use of the token are one transaction. A repetition with
 * the same key gives the same client a new secret, and the first one is no longer valid.
 * @throws Problem `unauthenticated` when the token is not valid for this machine, `too-many-requests` after many of these
 */
export async function enrolMachine(request: EnrolMachine): Promise<{ clientId: string; secret: string }> {
  const { services, address } = request;
  return attempts.run(subscriberNetwork(address), services.clock, () => enrol(request));
}

async function enrol(request: EnrolMachine): Promise<{ clientId: string; secret: string }> {
  const { services, token, machineName } = request;
  const customerId = TOKEN.exec(token)?.[1];
  if (customerId === undefined) throw tokenRefused();
  const name = machineName.toLowerCase();
  return retryConflicts(async () => {
    const enrolment = await services.database.control(customerId).read(enrolmentType, sha256Hex(token));
    const now = services.clock.now();
    if (!enrolment || Date.parse(enrolment.expiresAt) <= now.getTime()) throw tokenRefused();
    if (!(await findSite(services, customerId, enrolment.siteId))) throw tokenRefused();
    return enrolment.machines.includes(name)
      ? firstEnrolment(request, customerId, enrolment)
      : repeatedEnrolment(request, customerId, enrolment);
  });
}

async function firstEnrolment(request: EnrolMachine, customerId: string, enrolment: Stored<Enrolment>) {
  const { services, machineKey } = request;
  const name = request.machineName.toLowerCase();
  const { etag, ...rest } = enrolment;
  const clientId = newId();
  const begun =
    machineKey === undefined
      ? rest.begun
      : { ...rest.begun, [name]: { clientId, keyHash: sha256Hex(machineKey) } };
  const used: Enrolment = {
    ...rest,
    machines: enrolment.machines.filter((other) => other !== name),
    ...(begun ? { begun } : {}),
  };
  const trail = trailOf(request, customerId, enrolment);
  const client = { id: clientId, secretId: newId(), customerId, name, createdBy: enrolment.createdBy };
  const { siteId } = enrolment;
  const machine = await setupStarted(services, { customerId, siteId, name, clientId });
  const secret = await createSecureClient(services, client, {
    commit: (changes, details) =>
      trail.commit([...changes, change.replace(enrolmentType, used, etag), ...machine], {
        ...details,
        siteId,
      }),
  });
  return { clientId, secret };
}

async function repeatedEnrolment(request: EnrolMachine, customerId: string, enrolment: Stored<Enrolment>) {
  const { services, machineKey } = request;
  const begun = enrolment.begun?.[request.machineName.toLowerCase()];
  if (!begun || machineKey === undefined || sha256Hex(machineKey) !== begun.keyHash) throw tokenRefused();
  const trail = trailOf(request, customerId, enrolment);
  const { clientId } = begun;
  const secret = await replaceSecrets(
    services,
    { customerId, clientId, secretId: newId() },
    {
      commit: (changes, details) => trail.commit(changes, { ...details, siteId: enrolment.siteId }),
    },
  ).catch((error: unknown) => {
    // An administrator removed the client.
    throw error instanceof Problem && error.code === 'not-found' ? tokenRefused() : error;
  });
  return { clientId, secret };
}

function trailOf(
  { services, machineName, address, traceId }: EnrolMachine,
  customerId: string,
  { siteId }: Enrolment,
) {
  return auditTrail(services.database, customerId, {
    id: newId(),
    at: services.clock.now().toISOString(),
    category: 'configuration',
    action: 'secureClient.enrol',
    by: { id: siteId, name: machineName, kind: 'enrolmentToken' },
    address,
    authorised: true,
    outcome: 'succeeded',
    traceId,
  });
}

function tokenRefused(): Problem {
  return new Problem(
    'unauthenticated',
    'This token is not valid for this machine: it is unknown, expired, or was already used by it. Create a new one.',
  );
}

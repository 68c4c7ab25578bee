/**
 * Which machines were refused when they registered, and why: for administrators who miss a server (TRB-4). One document
 * per secure client with its last refusals, one of each machine, so that a client cannot fill the database.
 */
import { days, documentType } from '../../shared/cosmos/document-type';
import { retryConflicts } from '../../shared/cosmos/retry';
import type { ClientCaller } from '../../shared/identity/caller';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { measureSkewMilliseconds } from './clock-skew';
import type { Machine } from './server';

const RECORDED_CODES = ['server-version-not-supported', 'server-of-another-client'] as const;

export interface RegistrationRefusal {
  hostName: string;
  /** RFC 3339 UTC. */
  at: string;
  code: (typeof RECORDED_CODES)[number];
  detail: string;
  serverVersion?: string | undefined;
  clientVersion: string;
  /** Correction of the machine's clock. */
  skewMilliseconds: number;
}

interface RegistrationRefusals {
  /** Of the secure client. */
  id: string;
  /** The newest first. */
  refusals: RegistrationRefusal[];
}

export const registrationRefusalsType = documentType<RegistrationRefusals>('registration-refusals', {
  ttlSeconds: days(90),
});

const KEPT_REFUSALS = 50;
const INTERVAL_MILLISECONDS = 300_000;
/** Of all machines of a client, within the interval, by one instance. */
const MAX_WRITES = 50;

/** What this instance has written within the interval, by client. */
const recent = new Map<string, { until: number; machines: Set<string> }>();
const MAX_CLIENTS = 10_000;

interface Refused {
  services: Pick<Services, 'database' | 'clock'>;
  caller: ClientCaller;
  machine: Machine;
  clientTime: string;
}

/** Records why a registration failed, where an administrator can do something about it. A failure to record is ignored. */
export async function recordRegistrationRefusal(refused: Refused, error: unknown): Promise<void> {
  const code = error instanceof Problem ? RECORDED_CODES.find((one) => one === error.code) : undefined;
  if (!(error instanceof Problem) || code === undefined) return;
  const { services, caller, machine, clientTime } = refused;
  const { hostName, serverVersion, clientVersion } = machine;
  const now = services.clock.now();
  if (!mayWrite(caller.id, `${hostName.toLowerCase()} ${code}`, now.getTime())) return;
  const refusal: RegistrationRefusal = {
    hostName,
    at: now.toISOString(),
    code,
    detail: error.detail,
    serverVersion,
    clientVersion,
    skewMilliseconds: measureSkewMilliseconds(clientTime, now),
  };
  try {
    await keep(services, caller, refusal);
  } catch {
    // The refusal itself is answered in any case.
  }
}

/** The last refusals of a secure client's machines, the newest first; of all clients of the customer without an id. */
export async function readRegistrationRefusals(
  { database }: Pick<Services, 'database'>,
  customerId: string,
  clientId?: string,
): Promise<(RegistrationRefusal & { clientId: string })[]> {
  const control = database.control(customerId);
  const one = clientId === undefined ? undefined : await control.read(registrationRefusalsType, clientId);
  const found =
    clientId === undefined
      ? await control.list(registrationRefusalsType, { limit: 1_000 })
      : one
        ? [one]
        : [];
  return found
    .flatMap(({ id, refusals }) => refusals.map((refusal) => ({ ...refusal, clientId: id })))
    .sort((a, b) => b.at.localeCompare(a.at));
}

async function keep(
  { database }: Refused['services'],
  { customerId, id }: ClientCaller,
  refusal: RegistrationRefusal,
): Promise<void> {
  const control = database.control(customerId);
  await retryConflicts(async () => {
    const known = await control.read(registrationRefusalsType, id);
    const others = (known?.refusals ?? []).filter(
      ({ hostName }) => hostName.toLowerCase() !== refusal.hostName.toLowerCase(),
    );
    const refusals = [refusal, ...others].slice(0, KEPT_REFUSALS);
    if (known) await control.replace(registrationRefusalsType, { ...known, refusals });
    else await control.create(registrationRefusalsType, { id, refusals });
  });
}

function mayWrite(clientId: string, machine: string, now: number): boolean {
  const known = recent.get(clientId);
  const current =
    known && known.until > now ? known : { until: now + INTERVAL_MILLISECONDS, machines: new Set<string>() };
  if (current.machines.has(machine) || current.machines.size >= MAX_WRITES) return false;
  current.machines.add(machine);
  recent.delete(clientId);
  recent.set(clientId, current);
  const oldest = recent.size > MAX_CLIENTS ? recent.keys().next() : undefined;
  if (oldest && !oldest.done) recent.delete(oldest.value);
  return true;
}

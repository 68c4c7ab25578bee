/** Reads what is known of a secure client or host for its diagnosis. */
import { isUsable, secureClientType } from '../../shared/identity/secure-client';
import type { Services } from '../../shared/services';
import { readSignIns, type SignInRefusal, type SignIns } from '../identity';
import { readLastSeen, readRegistrationRefusals, selectServers, type Server } from '../servers';
import { type ClientFacts, type Facts, isSameHost, type ServerFacts } from './diagnosis';

type Reading = Pick<Services, 'database' | 'clock'>;

/** Servers and clients that one diagnosis looks at: more make no answer that a person reads. */
const MAX_SERVERS = 20;
const MAX_CLIENTS = 5;

interface Subject {
  clientId?: string | undefined;
  hostName?: string | undefined;
  clientVersion?: string | undefined;
}

/** The last attempt of a client to sign in. */
export interface LastAttempt {
  clientId: string;
  at: string;
  outcome: 'succeeded' | 'refused';
  reason?: SignInRefusal | undefined;
  address?: string | undefined;
}

/** The facts about the subject, and the last attempt to sign in of its clients. */
export async function gatherFacts(
  services: Reading,
  customerId: string,
  { clientId, hostName, clientVersion }: Subject,
): Promise<Facts & { lastAttempt: LastAttempt | undefined }> {
  const isMeant = (server: Server): boolean =>
    (clientId === undefined || server.clientId === clientId) &&
    (hostName === undefined || isSameHost(server.hostName, hostName));
  const [selected, allRefusals] = await Promise.all([
    selectServers(services, customerId, isMeant),
    readRegistrationRefusals(services, customerId, clientId),
  ]);
  const refusals = allRefusals.filter((one) => hostName === undefined || isSameHost(one.hostName, hostName));
  const servers = await Promise.all(
    selected.slice(0, MAX_SERVERS).map((server) => serverFacts(services, customerId, server)),
  );
  const clientIds = [
    ...new Set([clientId, ...refusals.map((one) => one.clientId), ...selected.map((one) => one.clientId)]),
  ].filter((id) => id !== undefined);
  const clients = await Promise.all(
    clientIds.slice(0, MAX_CLIENTS).map((id) => clientFacts(services, customerId, id)),
  );
  return {
    servers,
    refusals,
    clients: clients.map(({ facts }) => facts),
    clientVersion: clientVersion ?? servers[0]?.clientVersion ?? refusals[0]?.clientVersion,
    lastAttempt: clients
      .flatMap(({ facts, signIns }) => attemptsOf(facts.id, signIns))
      .sort((a, b) => b.at.localeCompare(a.at))[0],
  };
}

async function serverFacts(services: Reading, customerId: string, server: Server): Promise<ServerFacts> {
  const seen = await readLastSeen(services, customerId, server.id);
  return {
    ...server,
    lastSeenAt: seen?.lastSeenAt ?? server.lastSeenAt,
    skewMilliseconds: seen?.skewMilliseconds ?? 0,
  };
}

async function clientFacts(
  services: Reading,
  customerId: string,
  id: string,
): Promise<{ facts: ClientFacts; signIns: SignIns }> {
  const now = services.clock.now();
  const [client, signIns] = await Promise.all([
    services.database.control(customerId).read(secureClientType, id),
    readSignIns(services, customerId, id),
  ]);
  const { succeeded, refused } = signIns;
  const facts: ClientFacts = {
    id,
    name: client?.name,
    revokedAt: client ? undefined : signIns.revokedAt,
    hasUsableSecret: client?.secrets.some((secret) => isUsable(secret, now)) ?? false,
    succeededAt: succeeded?.at,
    refused: refused?.reason && { at: refused.at, reason: refused.reason },
  };
  return { facts, signIns };
}

function attemptsOf(clientId: string, { succeeded, refused }: SignIns): LastAttempt[] {
  return [
    ...(succeeded ? [{ ...succeeded, clientId, outcome: 'succeeded' as const }] : []),
    ...(refused ? [{ ...refused, clientId, outcome: 'refused' as const }] : []),
  ];
}

/** Why a server is not seen: what is known of it and of its secure client, in findings with a remedy each (TRB-4). */
import type { SignInRefusal } from '../identity';
import type { RegistrationRefusal, Server } from '../servers';
import { usesSinglePort } from './client-version';
import { portsSentence } from './preparations';

/** A secure client, and what is known of its attempts to sign in; exact to five minutes. */
export interface ClientFacts {
  id: string;
  /** Absent when the customer has no such client, or has none any more. */
  name?: string | undefined;
  revokedAt?: string | undefined;
  hasUsableSecret: boolean;
  succeededAt?: string | undefined;
  refused?: { at: string; reason: SignInRefusal } | undefined;
}

export type ServerFacts = Pick<
  Server,
  'id' | 'hostName' | 'status' | 'statusReason' | 'clientVersion' | 'siteId'
> & { lastSeenAt: string | undefined; skewMilliseconds: number };

export interface Facts {
  /** Of the client that was named, or of those that speak for the servers or tried to register the host. */
  clients: readonly ClientFacts[];
  servers: readonly ServerFacts[];
  /** The newest first. */
  refusals: readonly RegistrationRefusal[];
  /** Of the machine, as far as it is known. */
  clientVersion: string | undefined;
}

export interface Finding {
  code: string;
  detail: string;
  remedy: string;
}

/** Below that, everything works: tokens and signatures allow for five minutes. */
const SKEW_MILLISECONDS = 300_000;

const A_FEW_MINUTES = 'It can take a few minutes until a server shows.';
const REINSTALL = `Reinstall the cloud client with a new install command. ${A_FEW_MINUTES}`;

/** What explains that a server is not seen, the likeliest reason first; never empty. */
export function diagnose(facts: Facts): Finding[] {
  const found = [
    ...facts.clients.flatMap((client) => findingsOfClient(client)),
    ...facts.refusals.filter((refusal) => isCurrent(refusal, facts.servers)).map(findingOfRefusal),
    ...facts.servers.flatMap(findingsOfServer),
    ...clockOfRefusals(facts),
  ];
  if (found.length > 0) return found;
  if (facts.servers.length > 0)
    return [
      {
        code: 'seen',
        detail: `${facts.servers.map(({ hostName }) => hostName).join(', ')} reports as it should.`,
        remedy: `Refresh the list of servers. ${A_FEW_MINUTES}`,
      },
    ];
  const signedIn = facts.clients.some(({ succeededAt }) => succeededAt !== undefined);
  return [signedIn ? NOT_REGISTERED : neverSeen(facts.clientVersion)];
}

/** What has to hold besides for a client of this version, whatever was found. */
export function hintsFor(version: string | undefined): string[] {
  return [
    portsSentence(version),
    'Check the ports from the machine with a script of GET /api/v1/onboarding/connectivity.',
    'The machine needs TLS 1.2 or later, trusts the certificate of the service, and its proxy or firewall leaves TLS untouched.',
    ...(usesSinglePort(version)
      ? []
      : ['WebSocket connections must be allowed through ports 8088 and 9090–9094.']),
  ];
}

const NOT_REGISTERED: Finding = {
  code: 'notRegistered',
  detail: 'The secure client has signed in, but no machine has registered with it since.',
  remedy: `Wait a few minutes; if no server shows, restart or reinstall the cloud client on the machine.`,
};

function neverSeen(version: string | undefined): Finding {
  return {
    code: 'neverSeen',
    detail:
      'No attempt to sign in has reached the service in the last 90 days: the outbound connection is blocked, TLS fails, for ' +
      'example because the clock of the machine is wrong, or the cloud client does not run.',
    remedy: `${portsSentence(version)} Check the clock of the machine. ${REINSTALL}`,
  };
}

function findingsOfClient(client: ClientFacts): Finding[] {
  const { id, name, revokedAt, refused, succeededAt } = client;
  if (revokedAt !== undefined)
    return [
      {
        code: 'clientRevoked',
        detail: `The secure client ${id} was revoked at ${revokedAt}.`,
        remedy: `Create a secure client. ${REINSTALL}`,
      },
    ];
  if (name === undefined)
    return [
      {
        code: 'unknownClient',
        detail: `There is no secure client with the id ${id}.`,
        remedy: `Compare the id with the list of secure clients, or create one. ${REINSTALL}`,
      },
    ];
  if (!client.hasUsableSecret)
    return [
      {
        code: 'secretExpired',
        detail: `No secret of the secure client ${name} is valid any more.`,
        remedy: `Add a secret to it. ${REINSTALL}`,
      },
    ];
  if (refused && (succeededAt === undefined || refused.at > succeededAt))
    return [
      {
        code: refused.reason,
        detail: `At ${refused.at} the secure client ${name} was refused: ${REASONS[refused.reason]}.`,
        remedy: `Add a secret to the client if the one in use is lost. ${REINSTALL}`,
      },
    ];
  return [];
}

const REASONS: Readonly<Record<SignInRefusal, string>> = {
  wrongSecret: 'its secret was wrong',
  secretExpired: 'its secret had expired',
};

/** Whether the machine has not been heard of since it was refused. */
function isCurrent({ hostName, at }: RegistrationRefusal, servers: readonly ServerFacts[]): boolean {
  return !servers.some((server) => isSameHost(server.hostName, hostName) && (server.lastSeenAt ?? '') > at);
}

function findingOfRefusal({ hostName, at, code, detail }: RegistrationRefusal): Finding {
  const isVersion = code === 'server-version-not-supported';
  return {
    code: isVersion ? 'versionNotSupported' : 'serverOfAnotherClient',
    detail: `At ${at} the registration of ${hostName} was refused. ${detail}`,
    remedy: isVersion
      ? `Upgrade the recording server to 2203 or later, then restart the cloud client. ${A_FEW_MINUTES}`
      : `Give the server to this secure client, or install the machine with the client that it belongs to. ${A_FEW_MINUTES}`,
  };
}

function findingsOfServer(server: ServerFacts): Finding[] {
  const finding = statusFinding(server);
  const clock = clockFinding(server.hostName, server.skewMilliseconds);
  return [...(finding ? [finding] : []), ...(clock ? [clock] : [])];
}

function statusFinding(server: ServerFacts): Finding | undefined {
  const { hostName, status, statusReason = '', clientVersion, lastSeenAt, siteId } = server;
  if (status === 'offline')
    return {
      code: 'silent',
      detail: `${hostName} was last heard of at ${lastSeenAt}.`,
      remedy: `Start the machine and its cloud client. ${portsSentence(clientVersion)} ${REINSTALL}`,
    };
  if (status === 'planned' || status === 'setupInProgress')
    return {
      code: 'notRegisteredYet',
      detail: `${hostName} is a machine of the template of its site, and has not registered yet.`,
      remedy: `Deploy the template, if that has not been done. ${portsSentence(clientVersion)} ${REINSTALL}`,
    };
  if (status === 'maintenance')
    return {
      code: 'clientTooOld',
      detail: `${hostName} is in maintenance. ${statusReason}`.trim(),
      remedy: `Remove the cloud client, then download and install the latest one. ${A_FEW_MINUTES}`,
    };
  if (status === 'deleted')
    return {
      code: 'removedFromView',
      detail: `${hostName} was removed from view.`,
      remedy: `It shows again when its cloud client registers: restart or reinstall it. ${A_FEW_MINUTES}`,
    };
  if (status === 'uninstalled')
    return {
      code: 'clientUninstalled',
      detail: `The cloud client of ${hostName} was uninstalled.`,
      remedy: REINSTALL,
    };
  if (siteId === undefined)
    return {
      code: 'withoutSite',
      detail: `${hostName} belongs to no site: it is listed among the unallocated servers.`,
      remedy: 'Install the server component with its database, or move the server to a site.',
    };
  return undefined;
}

function clockOfRefusals({ refusals, servers }: Facts): Finding[] {
  return refusals
    .filter((refusal) => isCurrent(refusal, servers))
    .flatMap(({ hostName, skewMilliseconds }) => clockFinding(hostName, skewMilliseconds) ?? []);
}

function clockFinding(hostName: string, skewMilliseconds: number): Finding | undefined {
  if (Math.abs(skewMilliseconds) < SKEW_MILLISECONDS) return undefined;
  const minutes = Math.round(Math.abs(skewMilliseconds) / 60_000);
  return {
    code: 'clockSkew',
    detail: `The clock of ${hostName} is ${minutes} minutes ${skewMilliseconds > 0 ? 'slow' : 'fast'}.`,
    remedy: 'Synchronize it with a time server: with a wrong clock TLS certificates are refused.',
  };
}

/** Whether two names can mean one machine: case never matters, a domain only where both have one. */
export function isSameHost(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) => name.toLowerCase().replace(/\.$/, '')) as [string, string];
  const [shortA, shortB] = [a, b].map((name) => name.split('.')[0]);
  return a === b || (shortA === shortB && (a === shortA || b === shortB));
}

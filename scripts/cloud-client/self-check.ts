/** Checks each step of the way from this machine to the service; what fails has a cause and a remedy. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { Connection, CredentialsRefusedError, type Credentials, RejectedError } from './connection';
import { causeOf, remedyOf } from './network-errors';
import { ServiceClock } from './service-clock';

export interface CheckResult {
  name: string;
  state: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What was found. */
  result: string;
  cause?: string;
  remedy?: string;
}

export interface SelfCheck {
  serviceUrl: string;
  credentials: Credentials;
  /** Requests go through it. */
  proxy: URL | undefined;
  http: HttpClient;
  /** As the service knows this machine, where it was registered. */
  serverId: string | undefined;
  /** This machine's clock. */
  now?: () => number;
}

/** A step that failed, with what to do about it. */
class CheckFailed extends Error {
  constructor(
    readonly found: string,
    readonly reason: string,
    readonly remedy: string,
    readonly state: 'failed' | 'warning' = 'failed',
  ) {
    super(found);
  }
}

type Step = [name: string, run: () => Promise<string>];

const TIMEOUT_MS = 10_000;
const SKEW_WARNING_MS = 2_000;
const CERTIFICATE_WARNING_DAYS = 14;

/** Runs all steps in order; those that need one that failed are skipped. */
export async function selfCheck(check: SelfCheck): Promise<CheckResult[]> {
  const url = new URL(check.serviceUrl);
  const first = check.proxy ?? url;
  const clock = new ServiceClock(check.now);
  const connection = new Connection(check.serviceUrl, check.credentials, { http: check.http, clock });
  const steps: Step[] = [
    [`DNS ${first.hostname}`, () => resolve(first.hostname)],
    [`TCP ${first.hostname}:${portOf(first)}`, () => reach(first)],
    ...proxySteps(check.proxy, url),
    ['TLS', () => handshake(url, check.proxy)],
    ['Service', () => health(check, clock)],
    ['Clock', () => Promise.resolve(skew(clock))],
    ['Token', () => signIn(connection)],
    ['Registration', () => mayRegister(connection, check.serverId)],
  ];
  const results: CheckResult[] = [];
  for (const [name, run] of steps) {
    const isBlocked = results.some(({ state }) => state === 'failed');
    results.push(isBlocked ? { name, state: 'skipped', result: 'not tried' } : await resultOf(name, run));
  }
  return results;
}

function proxySteps(proxy: URL | undefined, service: URL): Step[] {
  return proxy ? [['Proxy', () => tunnel(proxy, service)]] : [];
}

async function resultOf(name: string, run: () => Promise<string>): Promise<CheckResult> {
  try {
    return { name, state: 'ok', result: await run() };
  } catch (error) {
    if (!(error instanceof CheckFailed))
      return { name, state: 'failed', result: 'failed', cause: causeOf(error), remedy: remedyOf(error) };
    return { name, state: error.state, result: error.found, cause: error.reason, remedy: error.remedy };
  }
}

async function resolve(host: string): Promise<string> {
  const addresses = await lookup(host.replace(/^\[|\]$/g, ''), { all: true });
  return addresses.map(({ address }) => address).join(', ');
}

async function reach(target: URL): Promise<string> {
  const socket = await openSocket(target);
  socket.destroy();
  return 'connected';
}

async function openSocket(target: URL): Promise<Socket> {
  const socket = connectTcp({ host: target.hostname.replace(/^\[|\]$/g, ''), port: portOf(target) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Whether the proxy opens a tunnel to the service. A service without TLS is reached without one. */
async function tunnel(proxy: URL, service: URL): Promise<string> {
  if (service.protocol !== 'https:') return 'plain http: no tunnel is needed';
  (await openTunnel(proxy, service)).destroy();
  return `opens a tunnel to ${service.hostname}:${portOf(service)}`;
}

async function openTunnel(proxy: URL, service: URL): Promise<Socket> {
  const target = `${service.hostname}:${portOf(service)}`;
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const asked = httpRequest({
    host: proxy.hostname,
    port: portOf(proxy),
    method: 'CONNECT',
    path: target,
    headers: {
      host: target,
      ...(proxy.username && { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` }),
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).end();
  const [response, socket] = (await once(asked, 'connect')) as [{ statusCode: number }, Socket];
  const { statusCode: status } = response;
  if (status === 200) return socket;
  socket.destroy();
  if (status === 407) throw proxyWantsPassword();
  throw new CheckFailed(
    `the proxy answered ${status} to CONNECT ${target}`,
    'The proxy does not let this machine through to the service.',
    `Ask its administrator to allow CONNECT to ${target}, and to the blob storage account of the service.`,
  );
}

function proxyWantsPassword(): CheckFailed {
  return new CheckFailed(
    'the proxy answered 407',
    'The proxy wants a name and a password, or does not accept those that it got.',
    'Name them in the proxy’s URL: HTTPS_PROXY=http://NAME:PASSWORD@proxy:PORT.',
  );
}

async function handshake(service: URL, proxy: URL | undefined): Promise<string> {
  if (service.protocol !== 'https:') {
    if (['localhost', '127.0.0.1', '[::1]'].includes(service.hostname)) return 'none: this machine itself';
    throw new CheckFailed(
      'none',
      'The address begins with http: everything, the secret too, is sent readably.',
      'Use the https address of the service.',
      'warning',
    );
  }
  const socket = connectTls({
    socket: proxy ? await openTunnel(proxy, service) : await openSocket(service),
    servername: service.hostname,
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return describeCertificate(socket.getPeerCertificate(), socket.getProtocol());
  } finally {
    socket.destroy();
  }
}

function describeCertificate(certificate: PeerCertificate, protocol: string | null): string {
  const days = Math.floor((Date.parse(certificate.valid_to) - Date.now()) / 86_400_000);
  const found = `${protocol ?? 'TLS'}, issued by ${nameOf(certificate.issuer)}, valid for ${days} days`;
  if (days >= CERTIFICATE_WARNING_DAYS) return found;
  throw new CheckFailed(
    found,
    'The certificate of the service is about to expire.',
    'Tell the administrator of the service.',
    'warning',
  );
}

function nameOf({ O, CN }: PeerCertificate['issuer']): string {
  return [O ?? CN].flat().join(', ');
}

async function health(check: SelfCheck, clock: ServiceClock): Promise<string> {
  const { status, headers } = await check.http.sendRequest(
    createPipelineRequest({
      url: `${check.serviceUrl}/api/health`,
      abortSignal: AbortSignal.timeout(TIMEOUT_MS),
      allowInsecureConnection: true,
    }),
  );
  clock.measure(headers.get('date'));
  if (status === 200) return 'healthy';
  // Only a proxy answers so; one without a tunnel is asked here for the first time.
  if (status === 407) throw proxyWantsPassword();
  if (status === 503)
    throw new CheckFailed(
      'answers 503',
      'The service is there, and something that it depends on is not.',
      'Nothing is to be done here: the client waits, and delivers when the service is back.',
      'warning',
    );
  throw new CheckFailed(
    `${check.serviceUrl}/api/health answered ${status}`,
    'Another server, or a proxy, answers at this address.',
    'Compare --url with the address that the administrator of the service gave you.',
  );
}

function skew(clock: ServiceClock): string {
  const seconds = -Math.round(clock.offsetMilliseconds / 1000);
  if (Math.abs(clock.offsetMilliseconds) < SKEW_WARNING_MS) return 'agrees with the service';
  throw new CheckFailed(
    `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the service`,
    'The clock of this machine is wrong. The service corrects the times that it sends, so nothing is lost by it.',
    'Let the clock follow a time server (w32tm /resync, or chronyc makestep).',
    'warning',
  );
}

async function signIn(connection: Connection): Promise<string> {
  try {
    await connection.signIn(AbortSignal.timeout(TIMEOUT_MS));
    return 'the credentials are accepted';
  } catch (error) {
    if (!(error instanceof CredentialsRefusedError)) throw error;
    throw new CheckFailed(
      error.reason.message,
      'The secure client does not exist or was revoked, or its secret is wrong or has expired.',
      'Get a new secret from an administrator: POST /api/v1/secureClients/{id}/secrets.',
    );
  }
}

/** Asks for what changes nothing: the configuration of a known server, else a registration without a machine. */
async function mayRegister(connection: Connection, serverId: string | undefined): Promise<string> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    if (serverId !== undefined) {
      await connection.call('GET', `/servers/${serverId}/configuration`, { signal });
      return `registered as server ${serverId}`;
    }
    await connection.call('POST', '/servers', { body: {}, signal });
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    if (error.code === 'validation-failed') return 'this secure client may register servers';
    if (error.status === 409) return `registered as server ${serverId ?? ''}, and its site is gone`;
    throw new CheckFailed(
      error.message,
      'The server that this machine was registered as was removed, or belongs to another secure client.',
      'Use the credentials of that client, or let an administrator give the server to this one (PATCH /api/v1/servers/{serverId}).',
    );
  }
  return 'this secure client may register servers';
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

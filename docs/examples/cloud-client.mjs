/**
 * A cloud client in one file, written from /api/openapi.json and docs/cloud-client-protocol.md: signs in, registers, sends a
 * heartbeat, applies the configuration, plays one session with events and a recording, and executes a command. Node 20 or
 * later, no packages. A recorder of your own replaces `readEvents`, `executeCommand` and the spool in memory.
 *
 *   SERVICE_URL=https://… CLIENT_ID=… CLIENT_SECRET=… node docs/examples/cloud-client.mjs
 *
 * Where the service runs on this machine, name its authority: NODE_EXTRA_CA_CERTS=ca.pem (GET /local/ca.pem).
 */
import { createHash, randomUUID } from 'node:crypto';
import { hostname, version } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const {
  SERVICE_URL = 'http://127.0.0.1:7071',
  CLIENT_ID,
  CLIENT_SECRET,
  COMMAND_SECONDS = '60',
} = process.env;
const API = `${SERVICE_URL}/api/cloud-client/v1`;

/** What to add to this machine's clock to get the service's time. */
let clockOffsetMs = 0;
let token = { text: '', renewAt: 0 };

async function accessToken() {
  if (Date.now() < token.renewAt) return token.text;
  const basic = [CLIENT_ID, CLIENT_SECRET].map(encodeURIComponent).join(':');
  const response = await fetch(`${API}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(basic).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const body = await response.json();
  // Nothing that is retried helps: the spool is kept, and an administrator is asked for a new secret.
  if (body.error) throw new Error(`The credentials are refused: ${body.error}`);
  if (!response.ok) throw new RetryLater(response.headers.get('retry-after'));
  token = { text: body.access_token, renewAt: Date.now() + (body.expires_in - 60) * 1000 };
  return token.text;
}

class RetryLater extends Error {
  constructor(retryAfter) {
    super('retry');
    this.seconds = Number(retryAfter) || 0;
  }
}

/** The answer's body; 4xx is final, all else is repeated with the same body until it is answered. */
async function call(method, path, body) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await fetch(`${API}${path}`, {
        method,
        headers: { authorization: `Bearer ${await accessToken()}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(60_000),
      });
      clockOffsetMs = Date.parse(response.headers.get('date')) + 500 - Date.now();
      if (response.status === 401) token = { text: '', renewAt: 0 };
      if (response.status === 401 || response.status === 429 || response.status >= 500)
        throw new RetryLater(response.headers.get('retry-after'));
      const text = await response.text();
      const answer = text ? JSON.parse(text) : undefined;
      if (response.ok) return { body: answer, etag: response.headers.get('etag') };
      throw Object.assign(new Error(`${path}: ${answer.code}: ${answer.detail}`), { code: answer.code });
    } catch (error) {
      const isNetwork =
        error instanceof TypeError || error.name === 'TimeoutError' || error instanceof SyntaxError;
      if (!(error instanceof RetryLater) && !isNetwork) throw error;
      const backOff = Math.min(10, 0.2 * 2 ** attempt) * (0.5 + Math.random() / 2);
      await sleep(Math.max(error.seconds ?? 0, backOff) * 1000);
    }
  }
}

const clientTime = () => new Date().toISOString();

async function register() {
  const { body } = await call('POST', '/servers', {
    machineId: `example-${hostname()}`,
    hostName: hostname(),
    operatingSystem: version(),
    timeZone: 'UTC',
    clientVersion: '7.42.15010.4',
    serverVersion: '24.2.0.0',
    database: { instance: 'example-sql', name: 'Recordings' },
    clientTime: clientTime(),
  });
  return body.serverId;
}

async function applyConfiguration(serverId) {
  const { body, etag } = await call('GET', `/servers/${serverId}/configuration`);
  const sections = Object.keys(body).map((name) => ({ name, state: 'applied' }));
  await call('POST', `/servers/${serverId}/configuration/report`, { etag, sections });
}

async function heartbeat(serverId) {
  const state = {
    services: 'running',
    cpuPercent: 5,
    memoryPercent: 40,
    networkSendKbps: 1,
    networkReceiveKbps: 1,
  };
  const { body } = await call('POST', `/servers/${serverId}/heartbeat`, {
    ...state,
    storage: [],
    liveSessions: 1,
    clientTime: clientTime(),
  });
  return body;
}

/** The batch is cut once: a retry sends the same id and events. */
async function sendEvents(sessionId) {
  const events = [
    { id: randomUUID(), type: 'appStart', time: clientTime(), data: { appName: 'powershell.exe' } },
    { id: randomUUID(), type: 'appEnd', time: clientTime(), data: { appName: 'powershell.exe' } },
  ];
  const { body } = await call('POST', '/events', { batchId: randomUUID(), sessionId, events });
  return body.pollCommandsSeconds;
}

async function uploadRecording(sessionId, startedAt) {
  const content = Buffer.from(`{"type":"appStart","time":"${startedAt}"}\n`);
  const { body } = await call('POST', '/recordings', { sessionId, part: 1, container: 'events', startedAt });
  const blockId = Buffer.from('block-000001').toString('base64');
  if (body.upload) {
    const put = await fetch(`${body.upload.url}&comp=block&blockid=${encodeURIComponent(blockId)}`, {
      method: 'PUT',
      body: content,
    });
    if (put.status !== 201)
      throw new Error(`The blob store answered ${put.status}: begin again for a new URL.`);
  }
  const sha256 = createHash('sha256').update(content).digest('hex');
  const blocks = [{ blockId, sizeBytes: content.length, sha256 }];
  await call('POST', `/recordings/${body.recordingId}/complete`, { endedAt: clientTime(), blocks });
  return body.recordingId;
}

/** Results by command id: a command that is delivered again is answered, not executed again. Keep them on disk. */
const results = new Map();

async function executeCommand({ kind, expiresAt }) {
  if (Date.parse(expiresAt) <= Date.now() + clockOffsetMs)
    return { status: 'failed', reason: 'The command had expired.' };
  if (kind === 'lockSession' || kind === 'notifyUser') return { status: 'succeeded' };
  return { status: 'failed', reason: `This client cannot execute ${kind}.` };
}

/** Long polls until the time is over or something was executed. */
async function pollCommands(serverId, seconds) {
  for (const until = Date.now() + seconds * 1000; Date.now() < until;) {
    const waitSeconds = Math.max(0, Math.min(30, Math.floor((until - Date.now()) / 1000)));
    const { body } = await call('GET', `/servers/${serverId}/commands?waitSeconds=${waitSeconds}`);
    for (const command of body.value) {
      if (!results.has(command.id)) results.set(command.id, await executeCommand(command));
      await call('POST', `/servers/${serverId}/commands/${command.id}/result`, results.get(command.id));
      console.log(`command ${command.kind} ${results.get(command.id).status}`);
    }
    if (body.value.length > 0) return;
  }
}

const serverId = await register();
await applyConfiguration(serverId);
await heartbeat(serverId);
console.log(`server ${serverId}`);

const startedAt = clientTime();
const facts = { user: { name: 'EXAMPLE\\sam', groups: [] }, machine: hostname(), tags: [] };
const { body: session } = await call('POST', '/sessions', {
  serverId,
  sessionKey: `example ${startedAt}`,
  startedAt,
  facts,
});
console.log(`session ${session.sessionId}: ${session.decision.action}`);

const pollSeconds = await sendEvents(session.sessionId);
const { commandsWaiting } = await heartbeat(serverId);
if (pollSeconds > 0 || commandsWaiting) await pollCommands(serverId, Number(COMMAND_SECONDS));

console.log(`recording ${await uploadRecording(session.sessionId, startedAt)}`);
await call('POST', `/sessions/${session.sessionId}/end`, { endedAt: clientTime() });

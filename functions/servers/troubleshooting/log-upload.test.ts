/** Logs that servers upload: the URL that they get, what is accepted, who downloads it. */
import { createHash } from 'node:crypto';
import { auditLog } from '../../../tests/support/logs';
import { TroubledServer } from '../../../tests/support/troubled-server';
import { MAX_LOG_BYTES, serverLogBlob } from '../commands/server-log-blob';

jest.mock('durable-functions', () => ({ RetryOptions: class {} }));

let server: TroubledServer;

beforeAll(async () => {
  server = await TroubledServer.start();
});
beforeEach(() => server.renew());
afterAll(() => server.test.close());

const LOG = Buffer.from('PK: the logs of IIS');
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const body = { services: ['IIS', 'CitrixSsRecCloudClientService'] };

const request = async () => {
  const reply = await server.ask('requestLogUpload', { body });
  return { reply, id: String(reply.body['id']) };
};
const put = (id: string, content: Buffer) =>
  server.test.blobs.putOnce(
    'server-logs',
    serverLogBlob(server.test.customerId, server.serverId, id),
    content,
  );
const show = async (uploadId: string) => (await server.ask('getLogUpload', { params: { uploadId } })).body;
const storedBlobs = () =>
  [...server.test.blobs.blobs.keys()].filter((name) => name.startsWith('server-logs/'));

describe('an uploaded log', () => {
  it('TRB-3: is created with a URL for this blob alone, which is made at delivery and not stored', async () => {
    const { reply, id } = await request();
    expect(reply.status).toBe(202);
    expect((await server.test.storedOf('presence')).join('')).not.toContain('blob.test');
    const [command] = await server.commands();
    expect(command?.parameters).toMatchObject({ services: body.services, maxBytes: MAX_LOG_BYTES });
    const url = new URL(String(command?.parameters['url']));
    const name = serverLogBlob(server.test.customerId, server.serverId, id);
    expect(url.pathname).toBe(`/server-logs/${name}`);
    expect(url.searchParams.get('sp')).toBe('c');
    expect((await server.test.storedOf('presence')).join('')).not.toContain('blob.test');
  });

  it('TRB-3: is listed, and downloaded by a short-lived URL, once it was verified', async () => {
    const { reply, id } = await request();
    expect(await show(id)).toMatchObject({ state: 'pending' });
    expect((await show(id))['download']).toBeUndefined();
    await put(id, LOG);
    await server.succeed({ sizeBytes: LOG.length, sha256: sha256(LOG) });
    expect(await server.task(reply)).toMatchObject({ state: 'Succeeded' });
    expect(await show(id)).toMatchObject({ state: 'complete', sizeBytes: LOG.length, sha256: sha256(LOG) });
    const { url } = (await show(id))['download'] as { url: string };
    expect(new URL(url).searchParams.get('sp')).toBe('r');
    const { value } = (await server.ask('listLogUploads')).body as unknown as { value: { id: string }[] };
    expect(value.map((upload) => upload.id)).toEqual([id]);
    expect(JSON.stringify(value)).not.toContain('https://');
  });

  it('TRB-3: is of its server alone', async () => {
    const { id } = await request();
    const other = await server.test.register({ machineId: 'other', hostName: 'REC09' });
    const { status } = await server.ask('getLogUpload', { params: { serverId: other, uploadId: id } });
    expect(status).toBe(404);
  });

  it('TRB-3: is refused, deleted and logged when it is too large', async () => {
    const { reply, id } = await request();
    const large = Buffer.alloc(MAX_LOG_BYTES + 1);
    await put(id, large);
    await server.succeed({ sizeBytes: large.length, sha256: sha256(large) });
    expect(await server.task(reply)).toMatchObject({ state: 'Failed' });
    expect(await show(id)).toMatchObject({
      state: 'failed',
      stateReason: expect.stringContaining(`at most ${MAX_LOG_BYTES}`) as string,
    });
    expect(storedBlobs().filter((name) => name.includes(id))).toEqual([]);
    const entries = await auditLog(server.test.services, server.test.customerId);
    expect(entries.at(-1)).toMatchObject({ action: 'server.uploadLog.outcome', outcome: 'failed' });
  });

  it.each([
    ['the size', { sizeBytes: LOG.length + 1, sha256: sha256(LOG) }],
    ['the hash', { sizeBytes: LOG.length, sha256: sha256(Buffer.from('other')) }],
  ])('TRB-3: is refused and deleted when it differs in %s from what the server reported', async (_, data) => {
    const { id } = await request();
    await put(id, LOG);
    await server.succeed(data);
    expect((await show(id))['state']).toBe('failed');
    expect(storedBlobs().filter((name) => name.includes(id))).toEqual([]);
  });

  it('fails when the server reports one that is not there', async () => {
    const { id } = await request();
    await server.succeed({ sizeBytes: LOG.length, sha256: sha256(LOG) });
    expect(await show(id)).toMatchObject({ state: 'failed' });
  });

  it('fails when the server does not answer', async () => {
    const { id } = await request();
    await server.sweepAfter(301);
    expect(await show(id)).toMatchObject({
      state: 'failed',
      stateReason: expect.stringContaining('did not fetch it') as string,
    });
  });

  it.each([[[]], [['Spooler']], [['IIS', 'IIS']], [['iis']]])(
    'TRB-3: is of listed services: not of %j',
    async (services) => {
      expect((await server.ask('requestLogUpload', { body: { services } })).status).toBe(400);
    },
  );
});

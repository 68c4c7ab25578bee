/** Settings of servers, from the administrator's change to what the server applied. */
import { IDLE_STATE } from '../../../tests/support/idle-state';
import { type RecordingServerTest, startRecordingServerTest } from '../../../tests/support/recording-server';
import { call, type TestRequest } from '../../../tests/support/call';
import { activityFeed, auditLog } from '../../../tests/support/logs';
import { siteDependentOperations, siteOperations } from '../../sites';
import { serverOperations, serversOfSite } from '..';

let test: RecordingServerTest;
let serverId: string;

beforeEach(async () => {
  test = await startRecordingServerTest();
  serverId = await test.register({ serverVersion: '24.2.0.1' });
  await beat();
});
afterEach(() => test.close());

const operations = [...serverOperations, ...siteOperations, ...siteDependentOperations([serversOfSite])];
async function send(id: string, request: TestRequest = {}) {
  const operation = operations.find((item) => item.id === id);
  if (!operation) throw new Error(`There is no operation ${id}`);
  const token = await test.issuer.token();
  return call(test.services, operation, { token, ...request });
}

const get = async (id = serverId) => send('getServerSettings', { params: { serverId: id } });
async function patch(body: object, id = serverId) {
  const { headers } = await get(id);
  const params = { serverId: id };
  return send('changeServerSettings', { params, body, headers: { 'if-match': String(headers['etag']) } });
}
const beat = (more: Record<string, unknown> = {}, id = serverId) =>
  test.send('sendHeartbeat', {
    params: { serverId: id },
    body: { ...IDLE_STATE, clientTime: test.time(), ...more },
  });
const configuration = async () =>
  (await test.send('getServerConfiguration', { params: { serverId } })).body as { settings: object | null };
const report = (body: object) =>
  test.send('reportServerConfiguration', {
    params: { serverId },
    body: { etag: '"x"', sections: [], ...body },
  });
const feed = async () => (await activityFeed(test.services, test.customerId)).map(({ kind }) => kind);

const CERTIFICATE = {
  thumbprint: 'ab'.repeat(20),
  subject: 'CN=rec01',
  validUntil: '2031-01-01T00:00:00Z',
  signing: true,
};

it('SET-2: a change is delivered to the server as desired state, and its report is shown', async () => {
  expect((await get()).body).toMatchObject({
    rollover: { maximumMegabytes: 50, maximumHours: 12 },
    application: { state: 'notManaged' },
  });
  expect((await configuration()).settings).toBeNull();

  const changed = await patch({ rollover: { maximumHours: 6 }, ceip: true });
  expect(changed).toMatchObject({
    status: 200,
    body: {
      rollover: { maximumMegabytes: 50, maximumHours: 6 },
      ceip: true,
      application: { state: 'pending', version: 1 },
    },
  });
  expect((await configuration()).settings).toMatchObject({ version: 1, ceip: true });

  await report({ sections: [{ name: 'settings', state: 'failed', version: 1, reason: 'disk full' }] });
  expect((await get()).body['application']).toMatchObject({ state: 'failed', reason: 'disk full' });
  await report({ sections: [{ name: 'settings', state: 'applied', version: 1 }] });
  expect((await get()).body['application']).toMatchObject({ state: 'applied', reportedVersion: 1 });
  await patch({ ceip: false });
  expect((await get()).body['application']).toMatchObject({
    state: 'pending',
    version: 2,
    reportedVersion: 1,
  });
});

it('SET-2: what GET shows can be edited and sent back, and old and new values are logged', async () => {
  const { body, headers } = await get();
  const edited = { ...body, ceip: true };
  const answer = await send('changeServerSettings', {
    params: { serverId },
    body: edited,
    headers: { 'if-match': String(headers['etag']) },
  });
  expect(answer).toMatchObject({ status: 200, body: { ceip: true } });
  const entries = await auditLog(test.services, test.customerId);
  expect(entries.find(({ action }) => action === 'serverSettings.change')).toMatchObject({
    serverId,
    new: { ceip: true },
  });
});

it('SET-2: only settings of an available server are changed, and only under the ETag that was read', async () => {
  const first = await get();
  expect((await patch({ ceip: true })).status).toBe(200);
  const stale = await send('changeServerSettings', {
    params: { serverId },
    body: { ceip: false },
    headers: { 'if-match': String(first.headers['etag']) },
  });
  expect(stale.status).toBe(412);

  await test.send('unregisterServer', { params: { serverId } });
  expect(await patch({ ceip: false })).toMatchObject({
    status: 409,
    body: { detail: expect.stringMatching(/Available/) as string },
  });
});

it('SET-2: two first changes at once: one wins, the other has to read again', async () => {
  const headers = { 'if-match': String((await get()).headers['etag']) };
  const params = { serverId };
  const answers = await Promise.all(
    [true, false].map((live) =>
      send('changeServerSettings', { params, headers, body: { playback: { live } } }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
});

it('SET-2: justification and reasons have no effect while administrator logging is off', async () => {
  const on = await patch({
    playback: { requireJustification: true },
    logging: { recordingReason: { configured: true } },
  });
  expect(on.body).toMatchObject({
    playback: { requireJustification: { configured: true, effective: true } },
    logging: { recordingReason: { configured: true, effective: true } },
  });
  const off = await patch({ logging: { administratorLogging: false } });
  expect(off.body).toMatchObject({
    playback: { requireJustification: { configured: true, effective: false } },
    logging: { recordingReason: { configured: true, effective: false } },
  });
});

it('SET-2: a signing certificate is one that the server has reported', async () => {
  const signingCertificate = CERTIFICATE.thumbprint.toUpperCase();
  expect(await patch({ signingCertificate })).toMatchObject({ status: 400 });
  await beat({ certificates: [CERTIFICATE] });
  expect(await patch({ signingCertificate })).toMatchObject({
    status: 200,
    body: { signingCertificate, warnings: [] },
  });
  const expired = { ...CERTIFICATE, validUntil: '2029-01-01T00:00:00Z' };
  await beat({ certificates: [expired] });
  expect((await get()).body['warnings']).toEqual([expect.stringMatching(/has expired on 2029-01-01/)]);
});

describe('a change that changes nothing', () => {
  const entries = async () =>
    (await auditLog(test.services, test.customerId)).filter(
      ({ action }) => action === 'serverSettings.change',
    );

  it.each([{}, { rollover: {} }])(
    'SET-2: has no effect on a server that keeps its own settings: %j',
    async (nothing) => {
      for (let repetition = 0; repetition < 2; repetition++)
        expect(await patch(nothing)).toMatchObject({
          status: 200,
          body: { application: { state: 'notManaged', version: 0 } },
        });
      expect((await configuration()).settings).toBeNull();
      expect(await entries()).toEqual([]);
    },
  );

  it('SET-2: makes no new version of settings that are managed; standard values that are given are managed', async () => {
    const { body } = await patch({ rollover: { maximumHours: 12 } });
    expect(body).toMatchObject({ application: { state: 'pending', version: 1 } });
    const { headers } = await get();
    for (const same of [{}, { rollover: { maximumHours: 12 } }, { ceip: false }])
      expect(await patch(same)).toMatchObject({ status: 200, body: { application: { version: 1 } } });
    expect((await get()).headers['etag']).toBe(headers['etag']);
    expect(await entries()).toHaveLength(1);
    expect((await patch({ ceip: true })).body).toMatchObject({ application: { version: 2 } });
  });
});

it('SET-2: a version that was not delivered yet is not taken as applied, so that it is not shown as such later', async () => {
  const reported = (version: number) =>
    report({
      sections: [
        { name: 'site', state: 'applied' },
        { name: 'settings', state: 'applied', version },
      ],
    });
  expect(await reported(1)).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
  await patch({ ceip: true });
  const early = await reported(2);
  expect(early.body.errors).toMatchObject([{ pointer: '/sections/1/version' }]);
  expect((await reported(1)).status).toBe(204);
  expect((await get()).body['application']).toMatchObject({ state: 'applied', version: 1 });
  await patch({ ceip: false });
  expect((await get()).body['application']).toMatchObject({
    state: 'pending',
    version: 2,
    reportedVersion: 1,
  });
});

describe('settings that are changed on the server', () => {
  const LOCAL = {
    storage: { locations: ['E:\\Recordings'] },
    rollover: { maximumMegabytes: 100, maximumHours: 12 },
    notifications: [],
    playback: {
      live: true,
      encryptFiles: true,
      allowSkippingVersionCheck: false,
      hideWebPlayerHome: false,
      requireJustification: false,
    },
    logging: { administratorLogging: true, mandatoryBlocking: true, recordingReason: false },
    cloudSql: false,
    clientUpgrade: { automatic: true, from: '02:00', to: '03:00' },
    ceip: false,
  };

  it('SET-2: are taken over at first, and logged', async () => {
    await report({ settings: LOCAL });
    expect((await get()).body).toMatchObject({ storage: { locations: ['E:\\Recordings'] } });
    const entries = await auditLog(test.services, test.customerId);
    expect(entries.filter(({ action }) => action === 'serverSettings.adopt')).toHaveLength(1);
    await report({ settings: LOCAL, sections: [{ name: 'settings', state: 'applied', version: 1 }] });
    expect((await get()).body['application']).toMatchObject({ state: 'applied', version: 1 });
  });

  it('SET-2: are taken over when the server had applied the latest ones, and overruled otherwise', async () => {
    await patch({ ceip: true });
    await report({ settings: LOCAL, sections: [{ name: 'settings', state: 'applied', version: 0 }] });
    expect((await get()).body).toMatchObject({ ceip: true, storage: { locations: [] } });
    await report({ settings: LOCAL, sections: [{ name: 'settings', state: 'applied', version: 1 }] });
    expect((await get()).body).toMatchObject({ ceip: false, storage: { locations: ['E:\\Recordings'] } });
  });
});

describe('the upgrade slot', () => {
  async function setMaintenance(body: object) {
    const { siteId } = (await send('getServer', { params: { serverId } })).body as { siteId: string };
    return send('changeSiteSettings', {
      params: { siteId },
      headers: { 'if-match': '*' },
      body: { storageMaintenance: body },
    });
  }

  it('UPG-2: must end before storage maintenance of the site begins', async () => {
    // The server and the site are in one time zone.
    expect((await setMaintenance({ enabled: true, time: '04:00' })).status).toBe(200);
    const late = await patch({ clientUpgrade: { from: '04:00', to: '05:00' } });
    expect(late).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/05:00.*04:00/) as string },
    });
    expect((await patch({ clientUpgrade: { from: '03:00', to: '04:00' } })).status).toBe(200);
    expect((await patch({ clientUpgrade: { automatic: false, from: '22:00', to: '23:00' } })).status).toBe(
      200,
    );
  });

  it('UPG-2: maintenance cannot begin before the slot of a server ends', async () => {
    await patch({ clientUpgrade: { from: '03:00', to: '04:00' } });
    expect(await setMaintenance({ enabled: true, time: '03:30' })).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/04:00.*03:30/) as string },
    });
    expect((await setMaintenance({ enabled: true, time: '04:00' })).status).toBe(200);
    expect((await setMaintenance({ enabled: false, time: '01:00' })).status).toBe(200);
  });

  it('UPG-2: a server that joins with a conflicting slot is accepted, and listed by the site until it fits', async () => {
    const { siteId } = (await send('getServer', { params: { serverId } })).body as { siteId: string };
    const listed = async () =>
      ((await send('getSiteSummary', { params: { siteId } })).body as { upgradeConflicts: object[] })
        .upgradeConflicts;
    await setMaintenance({ enabled: true, time: '04:00', timeZone: 'Europe/Paris' });
    expect(await listed()).toEqual([]);
    // Its slot is from 02:00 to 03:00, and 04:00 in Paris is midnight there.
    const newcomer = await test.register({
      machineId: 'newcomer',
      hostName: 'REC09',
      timeZone: 'America/Sao_Paulo',
    });
    const conflict = {
      serverId: newcomer,
      hostName: 'REC09',
      detail: expect.stringMatching(/03:00.*00:00/) as string,
    };
    expect(await listed()).toEqual([conflict]);
    await setMaintenance({ enabled: false });
    expect(await listed()).toEqual([]);
  });
});

describe('mandatory blocking', () => {
  it('SET-3: refuses changes while the server cannot write its log, and lets them pass again', async () => {
    await beat({ administratorLogging: 'failing' });
    expect(await feed()).toContain('server.administratorLogging');
    expect(await patch({ ceip: true })).toMatchObject({
      status: 409,
      body: { code: 'administrator-logging-failing' },
    });
    expect(
      await patch({ logging: { mandatoryBlocking: false } }),
      // Switching it off is blocked as well.
    ).toMatchObject({ status: 409 });
    const { siteId } = (await send('getServer', { params: { serverId } })).body as { siteId: string };
    const site = await send('changeSiteSettings', {
      params: { siteId },
      headers: { 'if-match': '*' },
      body: { players: { cloud: false } },
    });
    expect(site).toMatchObject({ status: 409, body: { code: 'administrator-logging-failing' } });
    for (const body of [{ description: 'Second floor' }, { name: 'Berlin' }])
      expect(
        await send('changeSite', { params: { siteId }, headers: { 'if-match': '*' }, body }),
      ).toMatchObject({ status: 409, body: { code: 'administrator-logging-failing' } });
    await beat({ administratorLogging: 'ok' });
    expect((await patch({ ceip: true })).status).toBe(200);
  });

  it('SET-3: blocks nothing where it is off', async () => {
    await patch({ logging: { mandatoryBlocking: false } });
    await beat({ administratorLogging: 'failing' });
    expect((await patch({ ceip: true })).status).toBe(200);
  });
});

describe('health that a server reports', () => {
  it('SRV-3: problems of storage, files and certificates are shown once while they last', async () => {
    const problems = [
      { kind: 'storageUnreachable', path: '\\\\fs01\\recordings' },
      { kind: 'recordingFileLost', path: 'D:\\Recordings\\1.icl' },
      { kind: 'signatureInvalid', path: 'D:\\Recordings\\2.icl' },
    ];
    const certificates = [{ ...CERTIFICATE, validUntil: '2030-02-01T00:00:00Z' }];
    await beat({ problems, certificates });
    await beat({ problems, certificates });
    const kinds = (await feed()).filter((kind) => kind !== 'server.status');
    expect(kinds.sort()).toEqual([
      'server.certificateExpiring',
      'server.recordingFileLost',
      'server.signatureInvalid',
      'server.storageUnreachable',
    ]);
  });
});

/** Sites and their settings, through the API. */
import { call, type TestRequest } from '../../tests/support/call';
import { CONTOSO, FABRIKAM } from '../../tests/support/test-issuer';
import { startTestServices, type TestServices } from '../../tests/support/test-services';
import { auditLog } from '../../tests/support/logs';
import type { Operation } from '../../shared/http/operation';
import { newId } from '../../shared/ids';
import { siteDependentOperations } from './dependent-operations';
import { siteOperations } from './operations';
import { siteType } from './site';

let test: TestServices;
let token: string;

beforeEach(async () => {
  test = await startTestServices();
  token = await test.issuer.token();
});

afterEach(() => test.close());

function send(id: string, request: TestRequest = {}) {
  const operation = [...siteOperations, ...siteDependentOperations([])].find(
    (item: Operation) => item.id === id,
  );
  if (!operation) throw new Error(`There is no operation ${id}`);
  return call(test.services, operation, { token, ...request });
}

let made = 0;

async function newSite(body: object = { name: `Berlin ${(made += 1)}` }): Promise<string> {
  const { status, body: site } = await send('createSite', { body });
  expect(status).toBe(201);
  return site['id'] as string;
}

const entries = () => auditLog(test.services);

describe('SRV-1: the name of a site', () => {
  const create = (name: string, more: object = {}) => send('createSite', { body: { name }, ...more });
  const rename = (siteId: string, name: string) =>
    send('changeSite', { params: { siteId }, headers: { 'if-match': '*' }, body: { name } });

  it('is given once, ignoring case, and is free again after a rename', async () => {
    const siteId = await newSite({ name: 'Straße' });
    const other = await newSite({ name: 'Bern' });
    const taken = {
      status: 409,
      body: {
        code: 'already-exists',
        errors: [{ pointer: '/name' }],
        conflict: { siteId, name: 'Straße' },
      },
    };
    expect(await create('strasse')).toMatchObject(taken);
    expect(await rename(other, ' STRASSE ')).toMatchObject(taken);
    expect(await rename(siteId, 'STRASSE')).toMatchObject({ status: 200, body: { name: 'STRASSE' } });
    expect((await rename(siteId, 'Zürich')).status).toBe(200);
    expect((await rename(other, 'Straße')).status).toBe(200);
    expect((await create('Bern')).status).toBe(201);
    const stranger = await test.issuer.token({ tid: FABRIKAM });
    expect((await create('Bern', { token: stranger })).status).toBe(201);
  });

  it('goes to one of concurrent requests', async () => {
    const others = await Promise.all(['a', 'b'].map((name) => newSite({ name })));
    const answers = await Promise.all([
      create('Wanted'),
      create('wanted'),
      ...others.map((siteId) => rename(siteId, 'WANTED')),
    ]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    for (const { status, body } of answers)
      if (status > 300) expect([status, body.code]).toEqual([409, 'already-exists']);
  });

  it('that sites have shared since before names were unique can be kept, but not be taken by another one', async () => {
    const control = test.services.database.control(CONTOSO);
    const site = { description: '', origin: 'created' as const, createdAt: '2026-11-01T00:00:00.000Z' };
    const [first, second] = await Promise.all(
      ['Old', 'old'].map((name) => control.create(siteType, { ...site, id: newId(), name })),
    );
    const describeSite = { params: { siteId: first?.id ?? '' }, headers: { 'if-match': '*' } };
    expect(await send('changeSite', { ...describeSite, body: { description: 'x' } })).toMatchObject({
      status: 200,
    });
    expect((await create('OLD')).status).toBe(409);
    expect((await rename(second?.id ?? '', 'New')).status).toBe(200);
    expect((await rename(first?.id ?? '', 'Newer')).status).toBe(200);
    expect((await create('OLD')).status).toBe(201);
  });
});

describe('a site', () => {
  it('SRV-5: is created, shown, renamed and described', async () => {
    const created = await send('createSite', { body: { name: ' Zürich 東京 ', description: 'x' } });
    const siteId = created.body['id'] as string;
    expect(created.headers).toMatchObject({ location: `/api/v1/sites/${siteId}` });
    const params = { siteId };
    const shown = await send('getSite', { params });
    expect(shown).toMatchObject({ body: created.body, headers: { etag: created.headers['etag'] } });
    expect(shown.body).toMatchObject({
      name: 'Zürich 東京',
      origin: 'created',
      createdAt: '2030-01-15T12:00:00.000Z',
    });

    const headers = { 'if-match': String(shown.headers['etag']) };
    const changed = await send('changeSite', { params, headers, body: { name: 'Bern', description: null } });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Bern', description: '' } });
    expect((await entries()).map(({ action, old, new: now }) => [action, old, now])).toContainEqual([
      'site.change',
      { name: 'Zürich 東京', description: 'x' },
      { name: 'Bern', description: '' },
    ]);
  });

  it('OPS-2: keeps its version where a patch says what is there already, and nothing is logged', async () => {
    const params = { siteId: await newSite() };
    const operations = [
      ['getSite', 'changeSite', [{}, { description: '' }, { description: null }]],
      ['getSiteSettings', 'changeSiteSettings', [{}, { players: null }, { players: { cloud: true } }]],
    ] as const;
    const before = await entries();
    for (const [read, change, patches] of operations) {
      const { headers, body: shown } = await send(read, { params });
      const etag = String(headers['etag']);
      for (const body of [...patches, shown])
        expect(await send(change, { params, body, headers: { 'if-match': etag } })).toMatchObject({
          status: 200,
          body: shown,
          headers: { etag },
        });
      const stale = await send(change, { params, body: {}, headers: { 'if-match': '"other"' } });
      expect(stale.status).toBe(412);
    }
    expect(await entries()).toEqual(before);
  });

  it.each([
    {},
    { name: '' },
    { name: '  ' },
    { name: 'x'.repeat(129) },
    { name: 'x', description: 'y'.repeat(301) },
    { name: 'x', id: '1' },
  ])('is refused when it is not as it should be (case %#)', async (body) => {
    expect((await send('createSite', { body })).status).toBe(400);
  });

  it('keeps its name when a patch would take it', async () => {
    const params = { siteId: await newSite() };
    const answer = await send('changeSite', { params, headers: { 'if-match': '*' }, body: { name: null } });
    expect(answer.body.errors).toMatchObject([{ pointer: '/name' }]);
  });

  it('is listed oldest first, also when it was created with an idempotency key', async () => {
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4]) {
      test.clock.advanceSeconds(1);
      const headers: Record<string, string> = { 'idempotency-key': `key-${n}` };
      const { body } = await send('createSite', { body: { name: `Site ${n}` }, headers });
      ids.push(body['id'] as string);
    }
    const listed = (await send('listSites')).body['value'] as { id: string }[];
    expect(listed.map(({ id }) => id)).toEqual(ids);
  });

  it('IAM-5: shows administrators other than full ones its id and name only, and nothing else of it', async () => {
    const siteId = await newSite({
      name: 'Berlin',
      description: 'x',
      database: { instance: 'sql', name: 'db' },
    });
    for (const role of ['PrivilegedPlayerAdmin', 'ReadOnlyAdmin']) {
      const weak = await test.issuer.token({ roles: [`SessionRecording.${role}`] });
      expect((await send('listSites', { token: weak })).body['value']).toEqual([
        { id: siteId, name: 'Berlin' },
      ]);
      expect((await send('getSite', { token: weak, params: { siteId } })).status).toBe(403);
      expect((await send('getSiteSettings', { token: weak, params: { siteId } })).status).toBe(403);
    }
  });

  it('is for another customer as if it did not exist', async () => {
    const siteId = await newSite();
    const foreign = await test.issuer.token({
      tid: FABRIKAM,
      iss: `https://login.test/${FABRIKAM}/v2.0`,
    });
    expect((await send('listSites', { token: foreign })).body['value']).toEqual([]);
    for (const id of ['getSite', 'getSiteSettings', 'changeSite', 'changeSiteSettings']) {
      const body = id.startsWith('get') ? {} : { body: {} };
      const there = await send(id, { token: foreign, params: { siteId }, ...body });
      const nowhere = await send(id, { token: foreign, params: { siteId: 'nowhere' }, ...body });
      expect(there).toMatchObject({ status: 404, text: nowhere.text });
    }
  });

  it('SRV-1: alone has its database, whatever the case of its name, and whoever is first', async () => {
    const database = { instance: 'SQL01\\PROD', name: 'CitrixSessionRecording' };
    const same = { instance: 'sql01\\prod', name: 'citrixsessionrecording' };
    const answers = await Promise.all([
      send('createSite', { body: { name: 'A', database } }),
      send('createSite', { body: { name: 'B', database: same } }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body).toMatchObject({ code: 'already-exists', errors: [{ pointer: '/database' }] });
    expect((await send('listSites')).body['value']).toHaveLength(1);
    expect(await entries()).toHaveLength(1);
    await newSite({ name: 'C', database: { ...same, name: 'another' } });
  });
});

describe('SET-1: the settings of a site', () => {
  const alerts = {
    smtp: { host: 'mail.contoso.example', password: 'canary-password-1' },
    sender: { address: 'alerts@contoso.example' },
  };
  let siteId: string;

  beforeEach(async () => {
    siteId = await newSite();
  });

  const show = () => send('getSiteSettings', { params: { siteId } });
  const patch = async (body: unknown, etag?: string) =>
    send('changeSiteSettings', {
      params: { siteId },
      headers: { 'if-match': etag ?? String((await show()).headers['etag']) },
      body,
    });
  const everythingStored = async () => (await test.stored('control')).join('\n');

  it('begin with both players, no mail and 25 mails a second', async () => {
    expect((await show()).body).toEqual({
      players: { cloud: true, onPremises: true },
      emailThreshold: { configured: 25, effective: 25 },
      storageMaintenance: { enabled: false, time: '04:00' },
      idlePeriods: {
        enabled: true,
        thresholdSeconds: 30,
        activityPackets: 3,
        activityPacketBytes: 300,
        activityWindowSeconds: 2,
      },
    });
  });

  it('change by what the patch names, and keep the rest', async () => {
    await patch({ linkHost: 'https://player.contoso.example', emailAlerts: alerts });
    const answer = await patch({
      emailAlerts: { smtp: { port: 465, tls: 'implicit' }, subjectFields: ['machine'] },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        linkHost: 'https://player.contoso.example',
        emailAlerts: {
          smtp: { host: 'mail.contoso.example', port: 465, tls: 'implicit', passwordSet: true },
          sender: { displayName: '', address: 'alerts@contoso.example' },
          subjectFields: ['machine'],
        },
      },
    });
    expect((await show()).body).toEqual(answer.body);
    expect((await patch({ linkHost: null })).body['linkHost']).toBeUndefined();
  });

  it('SET-1: leave at least one kind of player on', async () => {
    expect((await patch({ players: { cloud: false } })).body['players']).toEqual({
      cloud: false,
      onPremises: true,
    });
    const answer = await patch({ players: { onPremises: false } });
    expect(answer.body.errors).toMatchObject([{ pointer: '/players' }]);
  });

  it.each([
    [1, 1],
    [100, 100],
    [0, 25],
    [101, 25],
    [-7, 25],
  ])('SET-1: take an e-mail threshold of %i and count it as %i', async (configured, effective) => {
    expect((await patch({ emailThreshold: configured })).body['emailThreshold']).toEqual({
      configured,
      effective,
    });
  });

  it.each([
    [{ emailThreshold: 1.5 }, '/emailThreshold'],
    [{ emailThreshold: 1e300 }, '/emailThreshold'],
    [{ linkHost: 'javascript:alert(1)' }, '/linkHost'],
    [{ linkHost: 'no url' }, '/linkHost'],
    [{ customerId: FABRIKAM }, '/customerId'],
    [{ emailAlerts: { smtp: { passwordSecretId: 'smtp-of-others' } } }, '/emailAlerts/smtp/passwordSecretId'],
    [{ emailAlerts: { ...alerts, smtp: { host: 'a\r\nRCPT TO' } } }, '/emailAlerts/smtp/host'],
    [{ emailAlerts: { ...alerts, smtp: { host: 'a'.repeat(254) } } }, '/emailAlerts/smtp/host'],
    [{ emailAlerts: { ...alerts, smtp: { host: 'a', port: 0 } } }, '/emailAlerts/smtp/port'],
    [{ emailAlerts: { ...alerts, sender: { address: 'x@y\r\nBcc: z' } } }, '/emailAlerts/sender/address'],
    [{ emailAlerts: { ...alerts, subjectFields: ['password'] } }, '/emailAlerts/subjectFields/0'],
  ])('refuse %j', async (body, pointer) => {
    const answer = await patch(body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toContainEqual(expect.objectContaining({ pointer }));
  });

  it.each([25, 2525, 80, 65_535])('RSP-5: refuse the mail port %i, which is never used', async (port) => {
    const answer = await patch({ emailAlerts: { ...alerts, smtp: { host: 'mail.contoso.example', port } } });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([
      { pointer: '/emailAlerts/smtp/port', detail: expect.stringContaining('465, 587') as string },
    ]);
  });

  it('say what a mail account lacks', async () => {
    const answer = await patch({ emailAlerts: { smtp: { port: 25 } } });
    const pointers = answer.body.errors?.map(({ pointer }) => pointer).sort();
    expect(pointers).toEqual(['/emailAlerts/sender', '/emailAlerts/smtp/host']);
  });

  it('IAM-8: keep the password in the vault alone, and never show it', async () => {
    const answer = await patch({ emailAlerts: alerts });
    expect(answer.text + (await show()).text).not.toMatch(/canary|passwordSecretId/);
    expect(await everythingStored()).not.toContain('canary');
    expect(test.vault.values()).toEqual(['canary-password-1']);
  });

  it('do not tell the password in any refusal', async () => {
    const wrong = { emailAlerts: { ...alerts, smtp: { ...alerts.smtp, port: 'x' } }, players: { cloud: 7 } };
    expect((await patch(wrong)).text).not.toContain('canary');
    expect((await patch(`${JSON.stringify({ emailAlerts: alerts })}}`)).text).not.toContain('canary');
    const tooLong = { emailAlerts: { ...alerts, smtp: { host: 'a', password: 'canary'.repeat(100) } } };
    expect((await patch(tooLong)).text).not.toContain('canary');
  });

  it('remove the old password when it is replaced', async () => {
    await patch({ emailAlerts: alerts });
    await patch({ emailAlerts: { smtp: { password: 'canary-password-2' } } });
    expect(test.vault.values()).toEqual(['canary-password-2']);
    expect((await show()).body).toMatchObject({ emailAlerts: { smtp: { passwordSet: true } } });
  });

  it.each([{ emailAlerts: { smtp: { password: null } } }, { emailAlerts: null }])(
    'remove the password with %j',
    async (body) => {
      await patch({ emailAlerts: alerts });
      expect((await patch(body)).status).toBe(200);
      expect(test.vault.values()).toEqual([]);
      expect((await show()).text).not.toContain('"passwordSet":true');
    },
  );

  it('keep the old password, and none besides, when somebody else was faster', async () => {
    const first = await patch({ emailAlerts: alerts });
    test.injectFault(async (request, next) => {
      if (request.headers['x-ms-cosmos-is-batch-request'] !== undefined) {
        test.injectFault(undefined);
        await patch({ emailThreshold: 3 });
      }
      return next(request);
    });
    const body = { emailAlerts: { smtp: { password: 'canary-password-2' } } };
    expect((await patch(body, first.headers['etag'])).status).toBe(412);
    expect(test.vault.values()).toEqual(['canary-password-1']);
    expect((await show()).body).toMatchObject({ emailThreshold: { configured: 3 } });
  });

  it('LOG-1: log who changed what, without passwords', async () => {
    await patch({ emailAlerts: alerts });
    const entry = (await entries()).find(({ action }) => action === 'siteSettings.change');
    expect(entry).toMatchObject({ siteId, new: { emailAlerts: { smtp: { passwordSet: true } } } });
    expect(JSON.stringify(entry)).not.toMatch(/canary|SecretId/);
  });
});

describe('a test mail', () => {
  const askFor = (siteId: string, recipient = 'ada@contoso.example') =>
    send('sendTestMail', { params: { siteId }, body: { recipient } });

  async function siteWithMail(host: string): Promise<string> {
    const siteId = await newSite();
    const params = { siteId };
    const { headers } = await send('getSiteSettings', { params });
    const body = { emailAlerts: { smtp: { host }, sender: { address: 'alerts@contoso.example' } } };
    await send('changeSiteSettings', { params, body, headers: { 'if-match': String(headers['etag']) } });
    return siteId;
  }

  it('OPS-3: needs a mail account and a recipient', async () => {
    expect(await askFor(await newSite())).toMatchObject({ status: 409, body: { code: 'conflict' } });
    const siteId = await siteWithMail('127.0.0.1');
    for (const recipient of ['', 'ada', 'a@b.example\r\nBcc: c@d.example', 'a@b.example, c@d.example'])
      expect(await askFor(siteId, recipient)).toMatchObject({ status: 400 });
  });

  it('OPS-3: says why the mail server could not be asked, and is logged', async () => {
    const siteId = await siteWithMail('127.0.0.1');
    const { status, body } = await askFor(siteId);
    expect([status, body['accepted']]).toEqual([200, false]);
    expect(body['answer']).toContain('127.0.0.1');
    expect(await entries()).toContainEqual(
      expect.objectContaining({ action: 'siteSettings.testMail', outcome: 'attempted' }),
    );
  });

  it('OPS-3: is sent once in ten seconds for each site, whichever instance is asked', async () => {
    const [one, other] = [await siteWithMail('127.0.0.1'), await siteWithMail('127.0.0.1')];
    expect((await askFor(one)).status).toBe(200);
    const refused = await askFor(one);
    expect(refused).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(10);
    expect((await askFor(other)).status).toBe(200);
    test.clock.advanceSeconds(Number(refused.headers['retry-after']));
    expect((await askFor(one)).status).toBe(200);
  });
});

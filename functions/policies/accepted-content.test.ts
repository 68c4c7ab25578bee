/** Versions that were stored before patterns were limited, through the API. */
import { OTHER_SITE, type PolicyApi, SITE, startPolicyApi } from '../../tests/support/policy-api';
import { CONTOSO } from '../../tests/support/test-issuer';
import { change } from '../../shared/cosmos/partition';
import { newId } from '../../shared/ids';
import { policyType, type SavedVersion, savedVersionId, savedVersionType } from './policy-documents';
import { writePolicyBody } from './versions/policy-bodies';

const TOO_LARGE = '.{0,1000}'.repeat(14);

let api: PolicyApi;

beforeEach(async () => {
  api = await startPolicyApi();
});
afterEach(() => api.test.close());

/** Stores a policy as it could be saved earlier: version 1 has a pattern that is too large today, the newest one `pattern`. */
async function storeOld(pattern: string): Promise<string> {
  const policyId = newId();
  const by = { id: 'ada', name: 'ada' };
  const at = '2026-11-01T00:00:00.000Z';
  const head = { id: policyId, siteId: SITE, kind: 'eventResponse' as const, name: 'Old', description: '' };
  for (const [version, value] of [
    [1, TOO_LARGE],
    [2, pattern],
  ] as const) {
    const rule = {
      id: newId(),
      createdAt: at,
      name: 'Rule',
      description: '',
      scope: { everyone: true },
      triggers: [
        {
          eventType: 'appStart',
          conditions: [{ dimension: 'commandLine', operator: 'matches', values: [value] }],
          description: '',
          actions: ['lockSession'],
        },
      ],
      recipients: '',
      recordingOptions: { minutesAfter: null, secondsBefore: null, lossy: false },
      operationDelaySeconds: 0,
    };
    await writePolicyBody(api.services, CONTOSO, SITE, { policyId, version }, { ...head, rules: [rule] });
    const saved: SavedVersion = {
      id: savedVersionId({ policyId, version }),
      policyId,
      version,
      name: 'Old',
      ruleCount: 1,
      savedAt: at,
      savedBy: by,
      origin: 'edited',
      changes: [],
    };
    await api.services.database.control(CONTOSO).create(savedVersionType, saved);
  }
  const stored = { ...head, version: 2, createdAt: at, createdBy: by, modifiedAt: at, modifiedBy: by };
  await api.services.database.control(CONTOSO).commit([change.create(policyType, stored)]);
  return policyId;
}

const restore = (policyId: string, version: string) =>
  api.send('restoreEventResponsePolicyVersion', { params: { policyId, version } });
const copy = (policyId: string) =>
  api.send('copyEventResponsePolicy', { params: { policyId }, body: { siteId: OTHER_SITE } });
const show = (policyId: string) => api.send('getEventResponsePolicy', { params: { policyId } });

it('RSP-2: a version with a pattern that is too large today is shown, but not restored, and the reason is said', async () => {
  const policyId = await storeOld('x+');
  const params = { policyId, version: '1' };
  expect(await api.send('getEventResponsePolicyVersion', { params })).toMatchObject({ status: 200 });
  const refused = await restore(policyId, '1');
  expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(refused.body['detail']).toMatch(
    /\/rules\/0\/triggers\/0\/conditions\/0\/values\/0: The pattern compiles to about \d+ instructions, more than the 2000/,
  );
  expect(await show(policyId)).toMatchObject({ body: { version: 2 } });
  expect(await restore(policyId, '2')).toMatchObject({ status: 200, body: { version: 3 } });
});

it('RSP-2: a policy with a pattern that is too large today is shown, but not copied', async () => {
  const policyId = await storeOld(TOO_LARGE);
  expect(await show(policyId)).toMatchObject({ status: 200 });
  const refused = await copy(policyId);
  expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(refused.body['detail']).toContain('instructions');
  expect(await copy(await storeOld('x+'))).toMatchObject({ status: 201 });
});

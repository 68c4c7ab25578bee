/** Policies that are activated while somebody else changes them: after each read that the change makes. */
import { type PolicyApi, SITE, startPolicyApi } from '../../../tests/support/policy-api';
import { CONTOSO } from '../../../tests/support/test-issuer';
import { activePointerType } from '../policy-documents';

/** More reads than any of the changes makes. */
const MAX_READS = 8;
const policy = {
  name: 'Policy',
  rules: [{ name: 'Rule', scope: { machines: ['VDA01'] }, action: 'recordWithNotification' }],
};

let api: PolicyApi;

beforeEach(async () => {
  api = await startPolicyApi();
});
afterEach(() => api.test.close());

/** Makes the change, activating the policy after a number of reads. Returns whether the activation succeeded. */
async function activateAfter(reads: number, policyId: string, change: () => Promise<unknown>) {
  let left = reads;
  let activated = false;
  api.test.injectFault(async (request, next) => {
    const answer = await next(request);
    if (request.method !== 'GET' || !request.path.includes('/docs/') || --left !== 0) return answer;
    api.test.injectFault(undefined);
    const { status } = await api.send('activateRecordingPolicy', { params: { policyId } });
    activated = status === 200;
    return answer;
  });
  await change();
  api.test.injectFault(undefined);
  return activated;
}

it.each([
  ['deleted', 'deleteRecordingPolicy', {}],
  ['saved', 'putRecordingPolicy', { body: { ...policy, description: 'Changed' } }],
  ['renamed', 'putRecordingPolicy', { body: { ...policy, name: 'Changed' } }],
  ['restored', 'restoreRecordingPolicyVersion', { params: { version: '1' } }],
])(
  'a policy that is %s at that moment is deleted, or active in its newest version',
  async (_what, id, more) => {
    let activations = 0;
    for (let reads = 1; reads <= MAX_READS; reads++) {
      const policyId = await api.create('Recording', { ...policy, name: `Policy ${reads}` });
      const body = 'body' in more ? { body: { ...more.body, name: `${more.body.name} ${reads}` } } : {};
      const request = { headers: { 'if-match': '*' }, ...more, ...body };
      const params = { policyId, ...('params' in more ? more.params : {}) };
      const activated = await activateAfter(reads, policyId, () => api.send(id, { ...request, params }));
      const { status, body: shown } = await api.send('getRecordingPolicy', { params: { policyId } });
      const active = (await api.services.database.control(CONTOSO).read(activePointerType, SITE))?.recording;
      if (activated) {
        activations += 1;
        expect([reads, status]).toEqual([reads, 200]);
        expect([reads, active]).toEqual([reads, { policyId, version: shown['version'] }]);
      } else expect([reads, active?.policyId]).not.toEqual([reads, policyId]);
    }
    expect(activations).toBeGreaterThan(0);
  },
);

/** Every feature of a policy that old servers lack: refused where it would take effect, with feature, found and needed. */
import { type PolicyApi, SITE, startPolicyApi } from '../../tests/support/policy-api';

let api: PolicyApi;

beforeEach(async () => {
  api = await startPolicyApi();
});
afterEach(() => api.test.close());

const scope = { machines: ['VDA01'] };
const recording = (rule: object) => ({
  name: 'Policy',
  rules: [{ name: 'Rule', scope, action: 'recordWithNotification', ...rule }],
});
const response = (rule: object) => ({ name: 'Policy', rules: [{ name: 'Rule', scope, ...rule }] });
const acting = (...actions: string[]) => ({ triggers: [{ eventType: 'appStart', actions }] });

/** By hand from SRV-6: kind and policy, the feature, the release that it needs, a version below and one that has it. */
const GATES: [string, object, string, string, string, string][] = [
  ['Recording', recording({ lossy: true }), 'lossyRecording', '2308', '23.7.0.9', '23.08.0.0'],
  ['Recording', recording({ audio: true }), 'audioRecording', '2308', '23.05.0.1', '23.11.0.0'],
  ['Recording', recording({ scope: { tags: ['x:y'] } }), 'smartAccessTags', '2402', '23.11.0.0', '24.02.0.0'],
  [
    'Recording',
    recording({ scope: { users: [{ entraId: '0b6b2c2e-7b0e-4a39-9d2b-5d5d7f1a0001' }] } }),
    'entraIdentities',
    '2402',
    '24.1.0.0',
    '24.2.0.0',
  ],
  ['EventResponse', response(acting('lockSession')), 'sessionOperations', '2206', '22.5.0.0', '22.6.0.0'],
  ['EventResponse', response(acting('logOffSession')), 'sessionOperations', '2206', '22.3.0.24', '22.06.0.0'],
  ['EventResponse', response(acting('disconnectSession')), 'sessionOperations', '2206', '1912', '2206'],
  [
    'EventResponse',
    response({ ...acting('startScreenRecording'), recordingOptions: { lossy: true } }),
    'lossyRecording',
    '2308',
    '19.12.6000.24093',
    '2308',
  ],
  [
    'EventResponse',
    response({ ...acting('lockSession'), scope: { tags: ['x:y'] } }),
    'smartAccessTags',
    '2402',
    '2308',
    '2402',
  ],
  [
    'EventDetection',
    { name: 'Policy', rules: [{ name: 'Rule', scope: { tags: ['x:y'] }, eventTypes: ['appStart'] }] },
    'smartAccessTags',
    '2402',
    '23.11.9.9',
    '2402',
  ],
];

const activate = (kind: string, policyId: string) =>
  api.send(`activate${kind}Policy`, { params: { siteId: SITE, policyId } });

it.each(GATES)(
  'SRV-6: activating a %s policy (%j) needs %s',
  async (kind, policy, feature, needed, old, recent) => {
    const policyId = await api.create(kind, policy);
    await api.addServer(recent);
    expect((await activate(kind, policyId)).status).toBe(200);
    await api.addServer(old);
    expect(await activate(kind, policyId)).toMatchObject({
      status: 409,
      body: { code: 'feature-not-supported', feature, found: old, needed },
    });
  },
);

it.each([
  ['record-including-audio-with-notification', 'audioRecording'],
  ['record-including-audio-without-notification', 'audioRecording'],
])('POL-3: the system policy %s needs servers of 2308', async (policyId, feature) => {
  await api.addServer('23.07.0.0');
  expect(await activate('Recording', policyId)).toMatchObject({
    status: 409,
    body: { code: 'feature-not-supported', feature, found: '23.07.0.0', needed: '2308' },
  });
});

it('SRV-6: what old servers can do is not gated: mail, and recording without options', async () => {
  await api.addServer('19.12.6000.24093');
  const mail = await api.create(
    'EventResponse',
    response({ ...acting('sendEmail'), recipients: 'soc@contoso.example' }),
  );
  expect((await activate('EventResponse', mail)).status).toBe(200);
  expect((await activate('Recording', await api.create('Recording', recording({})))).status).toBe(200);
});

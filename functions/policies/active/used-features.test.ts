import { DO_NOT_RECORD, type ResponseRule, SYSTEM_RECORDING_POLICIES } from '../engine';
import { usedFeatures } from './used-features';

const stamp = { id: 'rule', createdAt: '2030-01-01T00:00:00.000Z', name: 'Rule', description: '' };

const responseRule = (fields: Partial<ResponseRule>): ResponseRule => ({
  ...stamp,
  scope: { machines: ['VDA07'] },
  triggers: [],
  recipients: '',
  recordingOptions: { minutesAfter: null, secondsBefore: null, lossy: false },
  operationDelaySeconds: 0,
  ...fields,
});
const trigger = (...actions: ResponseRule['triggers'][number]['actions']) => ({
  eventType: 'appStart' as const,
  conditions: [],
  description: '',
  actions,
});

it('are lossy or audio recording for the system policies that have them, none for the others', () => {
  const used = Object.fromEntries(
    SYSTEM_RECORDING_POLICIES.map((policy) => [policy.id, usedFeatures(policy)]),
  );
  expect(used[DO_NOT_RECORD.id]).toEqual([]);
  expect(used['record-excluding-audio-with-notification']).toEqual([]);
  expect(used['record-excluding-audio-lossy-with-notification']).toEqual(['lossyRecording']);
  expect(used['record-including-audio-without-notification']).toEqual(['audioRecording']);
});

it.each(['lockSession', 'disconnectSession', 'logOffSession'] as const)(
  'are session operations for %s',
  (action) => {
    const rules = [responseRule({ triggers: [trigger('sendEmail'), trigger(action)] })];
    expect(usedFeatures({ kind: 'eventResponse', rules })).toEqual(['sessionOperations']);
  },
);

it('include lossy recording only where a trigger starts a recording', () => {
  const recordingOptions = { minutesAfter: null, secondsBefore: null, lossy: true };
  const withActions = (action: 'sendEmail' | 'startScreenRecording') =>
    usedFeatures({
      kind: 'eventResponse',
      rules: [responseRule({ recordingOptions, triggers: [trigger(action)] })],
    });
  expect(withActions('startScreenRecording')).toEqual(['lossyRecording']);
  expect(withActions('sendEmail')).toEqual([]);
});

it('include smart-access tags, and Entra identities for people identified by Entra ID alone', () => {
  const featuresOf = (scope: ResponseRule['scope']) =>
    usedFeatures({ kind: 'eventResponse', rules: [responseRule({ scope })] });
  expect(featuresOf({ tags: ['outside'] })).toEqual(['smartAccessTags']);
  expect(featuresOf({ users: [{ entraId: 'e1' }] })).toEqual(['entraIdentities']);
  expect(featuresOf({ groups: [{ name: 'CONTOSO\\staff', entraId: 'e1' }] })).toEqual([]);
});

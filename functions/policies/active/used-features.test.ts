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

it('needs lossy or audio recording for the system policies that have them, nothing for the others', () => {
  const needed = Object.fromEntries(
    SYSTEM_RECORDING_POLICIES.map((policy) => [policy.id, usedFeatures(policy)]),
  );
  expect(needed[DO_NOT_RECORD.id]).toEqual([]);
  expect(needed['record-excluding-audio-with-notification']).toEqual([]);
  expect(needed['record-excluding-audio-lossy-with-notification']).toEqual(['lossyRecording']);
  expect(needed['record-including-audio-without-notification']).toEqual(['audioRecording']);
});

it.each(['lockSession', 'disconnectSession', 'logOffSession'] as const)(
  'needs session operations for %s',
  (action) => {
    const rules = [responseRule({ triggers: [trigger('sendEmail'), trigger(action)] })];
    expect(usedFeatures({ kind: 'eventResponse', rules })).toEqual(['sessionOperations']);
  },
);

it('needs lossy recording only where a trigger starts a recording', () => {
  const recordingOptions = { minutesAfter: null, secondsBefore: null, lossy: true };
  const withActions = (action: 'sendEmail' | 'startScreenRecording') =>
    usedFeatures({
      kind: 'eventResponse',
      rules: [responseRule({ recordingOptions, triggers: [trigger(action)] })],
    });
  expect(withActions('startScreenRecording')).toEqual(['lossyRecording']);
  expect(withActions('sendEmail')).toEqual([]);
});

it('needs what recognises smart-access tags, and people whom only Entra ID knows', () => {
  const featuresOf = (scope: ResponseRule['scope']) =>
    usedFeatures({ kind: 'eventResponse', rules: [responseRule({ scope })] });
  expect(featuresOf({ tags: ['outside'] })).toEqual(['smartAccessTags']);
  expect(featuresOf({ users: [{ entraId: 'e1' }] })).toEqual(['entraIdentities']);
  expect(featuresOf({ groups: [{ name: 'CONTOSO\\staff', entraId: 'e1' }] })).toEqual([]);
});

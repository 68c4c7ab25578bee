/** The policies that the service defines, which nobody can change or delete. Recording policies have one rule each, for everyone. */
import type { DetectionPolicy, RecordingPolicy, ResponsePolicy } from './policy';

/** A system-defined policy, with the same id at every site. */
type SystemDefined<P> = P & { readonly id: string };

/** Before anything that a customer created. */
const CREATED_AT = '2020-01-01T00:00:00.000Z';

type Action = RecordingPolicy['rules'][number]['action'];
type Options = Partial<Pick<RecordingPolicy['rules'][number], 'audio' | 'lossy'>>;

function recording(
  id: string,
  name: string,
  description: string,
  action: Action,
  options: Options = {},
): SystemDefined<RecordingPolicy> {
  const rule = {
    id: `${id}-rule`,
    createdAt: CREATED_AT,
    name,
    description: '',
    scope: { everyone: true } as const,
  };
  return {
    id,
    kind: 'recording',
    name,
    description,
    rules: [{ ...rule, action, audio: false, lossy: false, ...options }],
  };
}

/** The default: active where no other recording policy is. */
export const DO_NOT_RECORD = recording(
  'do-not-record',
  'Do not record',
  'No session is recorded.',
  'disable',
);

export const SYSTEM_RECORDING_POLICIES: readonly SystemDefined<RecordingPolicy>[] = [
  DO_NOT_RECORD,
  recording(
    'record-excluding-audio-with-notification',
    'Record entire sessions excluding audio (for everyone, with notification)',
    'Records screens and events of all sessions, without audio. Users are notified.',
    'recordWithNotification',
  ),
  recording(
    'record-excluding-audio-without-notification',
    'Record entire sessions excluding audio (for everyone, without notification)',
    'Records screens and events of all sessions, without audio. Users are not notified.',
    'recordWithoutNotification',
  ),
  recording(
    'record-excluding-audio-lossy-with-notification',
    'Record entire sessions excluding audio with lossy screen recording enabled (for everyone, with notification)',
    'Records screens, in lossy mode for smaller files, and events of all sessions, without audio. Users are notified.',
    'recordWithNotification',
    { lossy: true },
  ),
  recording(
    'record-excluding-audio-lossy-without-notification',
    'Record entire sessions excluding audio with lossy screen recording enabled (for everyone, without notification)',
    'Records screens, in lossy mode for smaller files, and events of all sessions, without audio. Users are not notified.',
    'recordWithoutNotification',
    { lossy: true },
  ),
  recording(
    'record-including-audio-with-notification',
    'Record entire sessions including audio (for everyone, with notification)',
    'Records screens, events and non-optimised HDX audio of all sessions. Users are notified.',
    'recordWithNotification',
    { audio: true },
  ),
  recording(
    'record-including-audio-without-notification',
    'Record entire sessions including audio (for everyone, without notification)',
    'Records screens, events and non-optimised HDX audio of all sessions. Users are not notified.',
    'recordWithoutNotification',
    { audio: true },
  ),
  recording(
    'record-only-events-with-notification',
    'Record only events (for everyone, with notification)',
    'Records the events that the event detection policy specifies for all sessions, without screens. Users are notified.',
    'eventOnlyWithNotification',
  ),
  recording(
    'record-only-events-without-notification',
    'Record only events (for everyone, without notification)',
    'Records the events that the event detection policy specifies for all sessions, without screens. Users are not notified.',
    'eventOnlyWithoutNotification',
  ),
];

export const DO_NOT_DETECT: SystemDefined<DetectionPolicy> = {
  id: 'do-not-detect',
  kind: 'eventDetection',
  name: 'Do not detect',
  description: 'No event is logged.',
  rules: [],
};

export const DO_NOT_RESPOND: SystemDefined<ResponsePolicy> = {
  id: 'do-not-respond',
  kind: 'eventResponse',
  name: 'Do not respond',
  description: 'Nothing is done in response to logged events.',
  rules: [],
};

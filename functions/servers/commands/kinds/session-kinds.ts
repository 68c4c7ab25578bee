/** Commands about the session of a user. */
import { z } from 'zod';
import type { CommandKindSpec } from './command-kind';

const noParameters = z.object({}).describe('None');
const quick = { silenceSeconds: 300, maxRunSeconds: 600 };

export const sessionKinds = {
  startScreenRecording: {
    description:
      'Record the screen of the session, of which only events are recorded so far. While such a recording is running, it ' +
      'is extended to the later end; null is the latest.',
    parameters: z
      .object({
        minutesAfter: z.number().nullable().describe('How long; null: until the session ends'),
        secondsBefore: z.number().nullable().describe('What the buffer has from before; null: nothing'),
        lossy: z.boolean().describe('Whether to compress with loss'),
      })
      .meta({ id: 'StartScreenRecordingParameters' }),
    ...quick,
  },
  lockSession: { description: 'Lock the session.', parameters: noParameters, ...quick },
  logOffSession: { description: 'Log the user off.', parameters: noParameters, ...quick },
  disconnectSession: { description: 'Disconnect the session.', parameters: noParameters, ...quick },
  notifyUser: {
    description: 'Show the message to the user of the session.',
    parameters: z
      .object({
        message: z.string(),
        seconds: z.number().describe('How long from now it happens: how long to show the message'),
      })
      .meta({ id: 'NotifyUserParameters' }),
    ...quick,
  },
} as const satisfies Record<string, CommandKindSpec>;

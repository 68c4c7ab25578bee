/** The protocol of recording servers. */
import type { Operation } from '../../shared/http/operation';
import { commandOperations } from './command-operations';
import { eventOperations } from './event-operations';
import { recordOperations } from './record-operations';
import { uploadOperations } from './recording-operations';
import { serverProtocolOperations } from './server-operations';
import { sessionOperations } from './session-operations';
import { postToken } from './token-operation';

export const cloudClientOperations: readonly Operation[] = [
  postToken,
  ...serverProtocolOperations,
  ...commandOperations,
  ...sessionOperations,
  ...eventOperations,
  ...uploadOperations,
  ...recordOperations,
];

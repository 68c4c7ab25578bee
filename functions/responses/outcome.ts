/** What an attempt to carry out an action came to. */
import type { FinalState, ResponseAction } from './event-response';

/** How far an attempt has come that is to be repeated. */
export type Progress = Pick<ResponseAction, 'remaining' | 'refused'>;

export type Outcome =
  | { state: FinalState; reason?: string | undefined; commandId?: string | undefined }
  /** It was not begun: its turn comes later. */
  | { state: 'pending'; delaySeconds: number }
  /** The recording server has it to do, and tells what became of it. */
  | { state: 'sent'; commandId: string }
  /** The attempt did a part: the rest is tried again. */
  | { state: 'partial'; reason: string; progress: Progress }
  /** An orchestration has it now and records its end. */
  | { state: 'handedOver'; seconds: number };

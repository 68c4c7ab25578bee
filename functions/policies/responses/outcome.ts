/** What an attempt to carry out an action came to. */
import type { FinalState } from './event-response';

export type Outcome =
  | { state: FinalState; reason?: string | undefined; commandId?: string | undefined }
  /** It was not begun: its turn comes later. */
  | { state: 'pending'; delaySeconds: number }
  /** The recording server has it to do, and tells what became of it. */
  | { state: 'sent'; commandId: string }
  /** An orchestration has it now and records its end. */
  | { state: 'handedOver'; seconds: number };

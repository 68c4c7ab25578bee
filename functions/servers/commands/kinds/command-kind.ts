/** What is declared for each kind of command. */
import type { z } from 'zod';

export interface CommandKindSpec {
  /** What the client must do, for authors of clients. */
  readonly description: string;
  /** The parameters as they are delivered to the server. */
  readonly parameters: z.ZodObject;
  /**
   * The parameters as they are queued and stored, where they differ: what is secret or short-lived (a password, an upload
   * URL) is added when the command is delivered and never stored.
   */
  readonly storedParameters?: z.ZodObject;
  /** The `data` of a successful result; a kind without it has none. */
  readonly data?: z.ZodObject;
  /**
   * Without a progress report or a result within this time, a command that reported progress has failed: far longer than
   * its lease, so that a client that was interrupted can go on with it.
   */
  readonly silenceSeconds: number;
  /** From its first delivery on; then it has expired, whatever progress it reports. */
  readonly maxRunSeconds: number;
}

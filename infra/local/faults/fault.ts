/** The fault language: which calls of which stand-in go wrong, and how. The one schema of `POST /local/faults`. */
import { z } from 'zod';

/** What faults can be injected in. `eventGrid` is asked by publishers (POST) and asks the webhook itself (DELIVER). */
export const STAND_INS = [
  'cosmos',
  'blob',
  'queue',
  'login',
  'keyVault',
  'eventGrid',
  'email',
  'smtp',
  'resourceManager',
] as const;

export type StandIn = (typeof STAND_INS)[number];

const seconds = z.number().min(0).max(600);
const status = z.int().min(400).max(599);
const retryAfterSeconds = z.int().min(0).max(600);

/** What happens to a call that the fault meets. */
const effect = z.discriminatedUnion('do', [
  /** Not carried out; answered with this status, in the error shape of the service. */
  z.strictObject({
    do: z.literal('refuse'),
    status: status.default(503),
    code: z.string().max(100).optional(),
    retryAfterSeconds: retryAfterSeconds.optional(),
  }),
  /** Not carried out; answered 429 with this wait. */
  z.strictObject({ do: z.literal('throttle'), retryAfterSeconds: retryAfterSeconds.default(1) }),
  /** Carried out, but only after this time. */
  z.strictObject({ do: z.literal('delay'), seconds }),
  /** Not carried out; the connection breaks. */
  z.strictObject({ do: z.literal('disconnect') }),
  /** Carried out; the caller gets this status, or no answer at all. */
  z.strictObject({ do: z.literal('failAfterSuccess'), status: status.optional() }),
  /** Carried out so many times more; the caller gets the first answer. */
  z.strictObject({ do: z.literal('duplicate'), copies: z.int().min(1).max(20).default(1) }),
  /** Held back until so many other calls of the stand-in have been carried out, or this time is over. */
  z.strictObject({
    do: z.literal('reorder'),
    behind: z.int().min(1).max(100).default(1),
    seconds: seconds.default(2),
  }),
  /** A read is answered as it would have been so long ago (Cosmos DB alone). */
  z.strictObject({ do: z.literal('stale'), ageSeconds: seconds }),
]);

export type Effect = z.infer<typeof effect>;

const pattern = z.string().min(1).max(1000);

/** The order to inject one. `*` in `method`, `path` and `body` stands for any text; letter case does not matter. */
export const faultSchema = z
  .strictObject({
    standIn: z.enum(STAND_INS),
    method: pattern.optional(),
    /** Without the query. */
    path: pattern.optional(),
    /** What the body of the call contains. */
    body: pattern.optional(),
    /** So many matching calls are spared first. */
    skip: z.int().min(0).default(0),
    /** So many are met then; `null`: all that come. */
    times: z.int().min(1).nullable().default(1),
    /** Part of the matching calls that count at all, drawn with `seed`: the same calls for the same seed. */
    share: z.number().gt(0).max(1).default(1),
    seed: z.int().min(0).max(0xffff_ffff).default(1),
    effect,
  })
  .refine((fault) => fault.effect.do !== 'stale' || fault.standIn === 'cosmos', {
    path: ['effect', 'do'],
    error: 'only reads of cosmos can be stale',
  });

export type Fault = z.infer<typeof faultSchema>;

/** An injected fault, and what has become of it. */
export interface InjectedFault extends Fault {
  id: string;
  /** How many calls it has met so far. */
  met: number;
}

/** One call of a stand-in as faults see it. What a method and a path are where there is no HTTP, the README says. */
export interface Call {
  method: string;
  path: string;
  /** Read only when a fault asks for it. */
  body?: () => string;
}

/** The fault language: which calls of which stand-in go wrong, and how. The one schema of `POST /local/faults`. */
import { z } from 'zod';

/**
 * The stand-ins in which faults can be injected. `eventGrid` receives events from publishers (POST) and calls the
 * webhook (DELIVER).
 */
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

/** What happens to a call that the fault affects. */
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
  /** Carried out this many times more; the caller gets the first answer. */
  z.strictObject({ do: z.literal('duplicate'), copies: z.int().min(1).max(20).default(1) }),
  /** Held back until this many other calls of the stand-in have been carried out, or this time is over. */
  z.strictObject({
    do: z.literal('reorder'),
    behind: z.int().min(1).max(100).default(1),
    seconds: seconds.default(2),
  }),
  /** A read is answered as of this many seconds ago (Cosmos DB only). */
  z.strictObject({ do: z.literal('stale'), ageSeconds: seconds }),
]);

export type Effect = z.infer<typeof effect>;

const pattern = z.string().min(1).max(1000);

/** The request to inject one. `*` in `method`, `path` and `body` stands for any text; letter case does not matter. */
export const faultSchema = z
  .strictObject({
    standIn: z.enum(STAND_INS),
    method: pattern.optional(),
    /** Without the query. */
    path: pattern.optional(),
    /** What the body of the call contains. */
    body: pattern.optional(),
    /** This many matching calls are skipped first. */
    skip: z.int().min(0).default(0),
    /** This many are affected then; `null`: all. */
    times: z.int().min(1).nullable().default(1),
    /** Fraction of the matching calls that is considered, sampled with `seed`: the same calls for the same seed. */
    share: z.number().gt(0).max(1).default(1),
    seed: z.int().min(0).max(0xffff_ffff).default(1),
    effect,
  })
  .refine((fault) => fault.effect.do !== 'stale' || fault.standIn === 'cosmos', {
    path: ['effect', 'do'],
    error: 'only reads of cosmos can be stale',
  });

export type Fault = z.infer<typeof faultSchema>;

/** An injected fault and its state. */
export interface InjectedFault extends Fault {
  id: string;
  /** The number of calls that it has affected. */
  met: number;
}

/** One call of a stand-in as faults see it. What a method and a path are where there is no HTTP, the README says. */
export interface Call {
  method: string;
  path: string;
  /** Read only when a fault asks for it. */
  body?: () => string;
}

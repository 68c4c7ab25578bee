/** The time, as a thing that can be handed over, so that code which needs it can be tested. */

export interface Clock {
  /** The present instant. */
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** What is to fail on a simulated machine: a JSON file that is read again for each command and heartbeat. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const problem = z.strictObject({
  kind: z.enum(['storageUnreachable', 'recordingFileLost', 'signatureInvalid']),
  path: z.string().min(1),
});

const scenarioSchema = z.strictObject({
  /**
   * Reasons by what fails: a kind of command, a check, a service, a step such as `install.download`, a section of the
   * configuration such as `configuration.settings`, or `administratorLogging`.
   */
  failures: z.record(z.string(), z.string().min(1)).default({}),
  /** What is wrong with recordings and storage: heartbeats say it. */
  problems: z.array(problem).default([]),
});

/** @throws Error when the file is no scenario */
export class Scenario {
  constructor(private readonly file: string) {}

  /** Why this is to fail; undefined when it is not. */
  failureOf(what: string): string | undefined {
    return this.read().failures[what];
  }

  get problems(): z.output<typeof problem>[] {
    return this.read().problems;
  }

  /** @throws Error with the reason when this is to fail */
  pass(what: string): void {
    const reason = this.failureOf(what);
    if (reason !== undefined) throw new Error(reason);
  }

  private read(): z.output<typeof scenarioSchema> {
    const content: unknown = existsSync(this.file) ? JSON.parse(readFileSync(this.file, 'utf8')) : {};
    return scenarioSchema.parse(content);
  }
}

/** What is to fail on a simulated machine: a JSON file that is read again for each command. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const scenarioSchema = z.strictObject({
  /** Reasons by what fails: a kind of command, a check, a service, or a step such as `install.download`. */
  failures: z.record(z.string(), z.string().min(1)).default({}),
});

/** @throws Error when the file is no scenario */
export class Scenario {
  constructor(private readonly file: string) {}

  /** Why this is to fail; undefined when it is not. */
  failureOf(what: string): string | undefined {
    if (!existsSync(this.file)) return undefined;
    return scenarioSchema.parse(JSON.parse(readFileSync(this.file, 'utf8'))).failures[what];
  }

  /** @throws Error with the reason when this is to fail */
  pass(what: string): void {
    const reason = this.failureOf(what);
    if (reason !== undefined) throw new Error(reason);
  }
}

/** Soak suite `fuzz`: invalid requests to a temporary service, each answer checked against the OpenAPI document. */
import { fuzz } from '../../tests/support/fuzz/fuzz';
import type { SoakOptions } from './options';
import { startService } from '../../tests/support/service';

/** Prints failures as they are found. @throws Error with their number */
export async function soakFuzz({ seed, count, only }: Omit<SoakOptions, 'minutes'>): Promise<void> {
  const service = await startService();
  try {
    const { faults, neverSucceeded } = await fuzz(service, { seed, count, only, progress: console.log });
    console.log(`never answered by success: ${neverSucceeded.join(', ') || 'none'}`);
    if (faults.length > 0) throw new Error(`${faults.length} answers were wrong: see above.`);
    const { status } = await fetch(`${service.url}/api/health`);
    if (status !== 200) throw new Error(`The service is not healthy afterwards: ${status}`);
  } finally {
    await service.stop();
  }
}

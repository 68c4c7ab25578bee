/** Soak suite `fuzz`: odd requests to a throw-away service, each answer judged by the OpenAPI document. */
import { fuzz } from '../../tests/support/fuzz/fuzz';
import { startService } from '../../tests/support/service';

/** Prints what was wrong as it goes. @throws Error with the number of it */
export async function soakFuzz({ seed, count }: { seed: number; count: number }): Promise<void> {
  const service = await startService();
  try {
    const { faults, neverSucceeded } = await fuzz(service, { seed, count, progress: console.log });
    console.log(`never answered by success: ${neverSucceeded.join(', ') || 'none'}`);
    if (faults.length > 0) throw new Error(`${faults.length} answers were wrong: see above.`);
    const { status } = await fetch(`${service.url}/api/health`);
    if (status !== 200) throw new Error(`The service is not well afterwards: ${status}`);
  } finally {
    await service.stop();
  }
}

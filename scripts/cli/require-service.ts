/** For commands that use a running service: whether somebody is there, said before anything is done. */
import { UsageError } from './command';

/**
 * The address without a trailing slash.
 * @throws UsageError when it is no http(s) URL
 * @throws Error in one line when nobody answers there within five seconds
 */
export async function requireService(url: string): Promise<string> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`--url must be an http or https URL; it is “${url}”.`);
  const base = url.replace(/\/+$/, '');
  try {
    await fetch(`${base}/api/health`, { signal: AbortSignal.timeout(5000) });
  } catch (error) {
    throw new Error(`Nothing answers at ${base}: start the service with npm start, or check --url.`, {
      cause: error,
    });
  }
  return base;
}

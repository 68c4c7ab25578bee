/** Reads `PORT`: the first port of the local service that a command runs or uses. */
import { LAST_BASE_PORT } from '../../infra/local/stack/ports';
import { UsageError } from './command';
import { wholeNumber } from './whole-number';

const DEFAULT_PORT = 7071;

/** @throws UsageError when it is no port with room for those that follow */
export function basePort(text = process.env.PORT): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = /^\d+$/.test(text) ? wholeNumber('PORT', text) : 0;
  if (port < 1024 || port > LAST_BASE_PORT)
    throw new UsageError(`PORT must be a number from 1024 to ${LAST_BASE_PORT}; it is “${text}”.`);
  return port;
}

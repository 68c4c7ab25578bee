/** For tests: checks what all refusals have in common. */
import { PROBLEMS } from '../../shared/problem';
import type { RawAnswer } from './raw-request';

/** What is wrong with a 4xx answer; empty when it is valid. */
export function problemFaults({ status, headers, text }: RawAnswer, oauth = false): string[] {
  if (status < 400 || status > 499) return [`status ${status}: ${text.slice(0, 300)}`];
  const type = oauth ? 'application/json' : 'application/problem+json; charset=utf-8';
  if (headers['content-type'] !== type)
    return [`status ${status} as ${headers['content-type']}: ${text.slice(0, 300)}`];
  const body = JSON.parse(text) as Record<string, unknown>;
  return [
    ...(oauth ? oauthFaults(body) : detailFaults(body, status)),
    ...(status === 401 && !headers['www-authenticate'] ? ['401 without WWW-Authenticate'] : []),
  ];
}

/** RFC 9457 with the members that this API adds. */
function detailFaults(body: Record<string, unknown>, status: number): string[] {
  const known: Readonly<Record<string, { status: number }>> = PROBLEMS;
  const faults: string[] = [];
  if (body['status'] !== status) faults.push(`the body says ${String(body['status'])}, not ${status}`);
  if (known[String(body['code'])]?.status !== status)
    faults.push(`code ${String(body['code'])} does not belong to ${status}`);
  if (!/^[0-9a-f]{32}$/.test(String(body['traceId'])))
    faults.push(`trace id ${JSON.stringify(body['traceId'])}`);
  for (const name of ['type', 'title', 'detail'])
    if (typeof body[name] !== 'string' || body[name] === '') faults.push(`no ${name}`);
  return faults;
}

/** RFC 6749, section 5.2. */
function oauthFaults(body: Record<string, unknown>): string[] {
  return ['error', 'error_description'].flatMap((name) =>
    typeof body[name] === 'string' && body[name] !== '' ? [] : [`no ${name}`],
  );
}

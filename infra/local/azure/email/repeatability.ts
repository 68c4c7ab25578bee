/**
 * The headers that make a send repeatable.
 * Source: https://learn.microsoft.com/rest/api/communication/repeatable-requests.
 */
import { validate } from 'uuid';
import { HttpError } from '../../stand-in-support/errors';
import { header, type LocalRequest } from '../../stand-in-support/server';

const windowMinutes = 5;
const imfFixdate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** The id of a repeatable request, lower case; undefined when the headers are absent; 400 or 412 when they are invalid. */
export function repeatabilityId(request: LocalRequest): string | undefined {
  const id = header(request, 'repeatability-request-id');
  const firstSent = header(request, 'repeatability-first-sent');
  if (id === undefined && firstSent === undefined) {
    return undefined;
  }
  if (id === undefined || !validate(id) || firstSent === undefined || !imfFixdate.test(firstSent)) {
    throw rejected(
      400,
      'Repeatability-Request-ID must be a GUID and Repeatability-First-Sent an IMF-fixdate.',
    );
  }
  if (Math.abs(Date.now() - Date.parse(firstSent)) > windowMinutes * 60_000) {
    throw rejected(412, `Repeatability-First-Sent is not within the window of ${windowMinutes} minutes.`);
  }
  return id.toLowerCase();
}

/** A refusal that also says that the request was not carried out under its id. */
export function rejected(status: 400 | 412, message: string): HttpError {
  const code = status === 412 ? 'PreconditionFailed' : 'BadRequest';
  return new HttpError(status, code, message, { headers: { 'repeatability-result': 'rejected' } });
}

/** Routes of the Communication Services Email stand-in: send, and the state of a send. */
import { createHash, randomUUID } from 'node:crypto';
import { type JWTVerifyGetKey } from 'jose';
import { validate } from 'uuid';
import { requireBearer } from '../../stand-in-support/bearer';
import { HttpError } from '../../stand-in-support/errors';
import {
  header,
  type Handler,
  type LocalRequest,
  type Middleware,
  type Reply,
} from '../../stand-in-support/server';
import { readMessage, type EmailMessage } from './message';
import { type SendOperations } from './operations';
import { rejected, repeatabilityId } from './repeatability';
import { type OutboxMail } from '../outbox/outbox';

const apiVersions = new Set(['2023-03-31', '2025-09-01']);

/** Source: https://learn.microsoft.com/azure/communication-services/concepts/service-limits ("Email"). */
export const maxEmailRequestBytes = 10 * 1_048_576;

/** The polling interval in seconds, sent with every state that is not final. */
const whileRunning = { 'retry-after': '1' };

export function emailAuthentication(keys: JWTVerifyGetKey): Middleware {
  return requireBearer({
    keys,
    audience: 'https://communication.azure.com',
    refuse: (detail) => new HttpError(401, 'Denied', `Denied by the resource provider. ${detail}`),
  });
}

/** `endpoint` without a trailing slash; `senderDomain` is the one domain linked to the resource. */
export function emailRoutes(
  operations: SendOperations,
  endpoint: string,
  senderDomain: string,
): Record<string, Handler> {
  return {
    'POST /emails:send': (request) => {
      const version = apiVersion(request);
      const id = send(operations, request, senderDomain);
      return accepted(request, id, `${endpoint}/emails/operations/${id}?api-version=${version}`);
    },
    'GET /emails/operations/{id}': (request) => {
      apiVersion(request);
      const id = request.params.id ?? '';
      if (operations.byId(id.toLowerCase()) === undefined) {
        throw new HttpError(404, 'NotFound', `Send operation ${id} not found.`);
      }
      return operations.isRunning(id.toLowerCase())
        ? { status: 200, headers: whileRunning, body: { id, status: 'Running' } }
        : { status: 200, body: { id, status: 'Succeeded' } };
    },
  };
}

/** Sends once and returns the operation's id; a repeated request gets the id of the first one. */
function send(operations: SendOperations, request: LocalRequest, senderDomain: string): string {
  const message = readMessage(request, senderDomain);
  const repeatability = repeatabilityId(request);
  const bodyHash = createHash('sha256').update(request.body).digest('base64');
  const earlier = repeatability === undefined ? undefined : operations.byRepeatabilityId(repeatability);
  if (earlier !== undefined) {
    if (earlier.bodyHash !== bodyHash) {
      throw rejected(
        400,
        'The request differs from the one that was first sent under its Repeatability-Request-ID.',
      );
    }
    return earlier.id;
  }
  const id = operationId(request);
  if (operations.byId(id) !== undefined) {
    throw new HttpError(409, 'Conflict', `A send operation ${id} exists already.`);
  }
  operations.add(
    { id, repeatabilityId: repeatability ?? null, bodyHash },
    toMail(message, `<${id}@${senderDomain}>`),
  );
  return id;
}

function operationId(request: LocalRequest): string {
  const id = header(request, 'operation-id') ?? randomUUID();
  if (!validate(id)) {
    throw new HttpError(400, 'BadRequest', `Operation-Id '${id}' is not a GUID.`);
  }
  return id.toLowerCase();
}

function accepted(request: LocalRequest, id: string, location: string): Reply {
  const repeatable = header(request, 'repeatability-request-id') !== undefined;
  return {
    status: 202,
    headers: {
      ...whileRunning,
      'operation-location': location,
      ...(repeatable ? { 'repeatability-result': 'accepted' } : {}),
    },
    body: { id, status: 'Running' },
  };
}

function apiVersion(request: LocalRequest): string {
  const version = request.url.searchParams.get('api-version');
  if (version === null || !apiVersions.has(version)) {
    throw new HttpError(
      400,
      'BadRequest',
      `api-version '${version ?? ''}' is not one of ${[...apiVersions].join(', ')}.`,
    );
  }
  return version;
}

function toMail(message: EmailMessage, messageId: string): Omit<OutboxMail, 'id' | 'receivedAt'> {
  const addresses = (list: EmailMessage['replyTo']): string[] => (list ?? []).map(({ address }) => address);
  return {
    via: 'communicationServices',
    from: message.senderAddress,
    to: addresses(message.recipients.to),
    cc: addresses(message.recipients.cc),
    bcc: addresses(message.recipients.bcc),
    subject: message.content.subject,
    messageId,
    headers: Object.fromEntries(
      Object.entries(message.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    text: message.content.plainText,
    html: message.content.html,
    attachments: (message.attachments ?? []).map(({ name, contentInBase64 }) => ({
      name,
      sizeBytes: Buffer.byteLength(contentInBase64, 'base64'),
    })),
  };
}

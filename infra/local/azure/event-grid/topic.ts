/** Routes of the Event Grid topic stand-in: `POST /api/events`. */
import { type JWTVerifyGetKey } from 'jose';
import { type AccessControl, type Operation } from '../../access/access-control';
import { requireBearer } from '../../stand-in-support/bearer';
import { HttpError } from '../../stand-in-support/errors';
import {
  header,
  jsonBody,
  type Handler,
  type LocalRequest,
  type Middleware,
} from '../../stand-in-support/server';
import { checkCloudEvents, type CloudEvent } from './cloud-event';
import { type Deliverer } from './deliverer';
import { type DeliveryQueue } from './delivery-queue';

/** Of a request, and so of a single event too; Azure bills an event per 64 KB begun. */
export const maxRequestBytes = 1_048_576;

const PUBLISH: Operation = {
  name: 'Publish Events',
  needed: [['Microsoft.EventGrid/events/send/action']],
};

/** Missing roles are answered with 401 as well: https://github.com/Azure/azure-sdk-for-net/issues/22831 shows the text. */
export function topicAuthentication(keys: JWTVerifyGetKey, access: AccessControl): Middleware {
  return requireBearer({
    keys,
    audience: 'https://eventgrid.azure.net',
    refuse: (detail) =>
      new HttpError(401, 'Unauthorized', `The request authorization is not valid: ${detail}`),
    authorization: {
      access,
      operationOf: () => PUBLISH,
      refuse: () =>
        new HttpError(
          401,
          'Unauthorized',
          'The principal associated with access token presented with the incoming request does not have permission to send data to this topic.',
        ),
    },
  });
}

/** Events are on disk before they are acknowledged. */
export function topicRoutes(queue: DeliveryQueue, deliverer: Deliverer): Record<string, Handler> {
  return {
    'POST /api/events': (request) => {
      checkApiVersion(request);
      queue.add(readEvents(request));
      deliverer.wake();
      return { status: 200 };
    },
  };
}

function checkApiVersion(request: LocalRequest): void {
  if (request.url.searchParams.get('api-version') !== '2018-01-01') {
    throw new HttpError(400, 'BadRequest', 'The api-version must be 2018-01-01.');
  }
}

function readEvents(request: LocalRequest): CloudEvent[] {
  const mediaType = header(request, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  switch (mediaType) {
    case 'application/cloudevents-batch+json':
      return checkCloudEvents(jsonBody(request));
    case 'application/cloudevents+json':
      return checkCloudEvents([jsonBody(request)]);
    default:
      throw new HttpError(
        415,
        'UnsupportedMediaType',
        `This topic takes CloudEvents in JSON, not '${mediaType}'.`,
      );
  }
}

/** The calls that the event pipeline makes to other services, in order: where faults are injected. */
import type { Fault } from '../../../infra/local/faults/fault';

export interface PipelineCall {
  name: string;
  /** The fault's address. Those that cannot be distinguished by customer affect whichever journey comes first. */
  at: (customerId: string, recipient: string) => Pick<Fault, 'standIn' | 'method' | 'path' | 'body'>;
}

/** A document of the customer is written; `fields` come before its key and type in the body. */
function document(name: string, method: string, type: string, fields = ''): PipelineCall {
  return {
    name,
    at: (customerId) => ({
      standIn: 'cosmos',
      method,
      body: `${fields}*"customerId":"${customerId}"*"type":"${type}"`,
    }),
  };
}

const queue = (name: string, method: string, path: string, body?: string): PipelineCall => ({
  name,
  at: () => ({ standIn: 'queue', method, path, body }),
});

/** An action of the customer is put into a queue. */
const action = (name: string, queueName: string): PipelineCall => ({
  name,
  at: (body) => ({ standIn: 'queue', method: 'POST', path: `*${queueName}/messages`, body }),
});

export const PIPELINE_CALLS: readonly PipelineCall[] = [
  document('batch of events stored', 'POST', 'event-batch'),
  {
    name: 'events published',
    at: (customerId) => ({ standIn: 'eventGrid', method: 'POST', path: undefined, body: customerId }),
  },
  {
    name: 'events delivered',
    at: (customerId) => ({ standIn: 'eventGrid', method: 'DELIVER', path: undefined, body: customerId }),
  },
  {
    name: 'policy read',
    at: (customerId) => ({ standIn: 'blob', method: 'GET', path: `*${customerId}*`, body: undefined }),
  },
  document('response created', 'POST', 'response'),
  action('action sent to the queue', 'response-actions'),
  action('mail sent to the queue', 'alert-mails'),
  queue('actions taken from the queue', 'GET', '*response-actions/messages'),
  queue('mails taken from the queue', 'GET', '*alert-mails/messages'),
  document('action claimed', 'PUT', 'response', '"state":"claimed"'),
  document('command queued', 'POST', 'command'),
  {
    name: 'password of the mail account read',
    at: () => ({ standIn: 'keyVault', method: 'GET', path: undefined, body: undefined }),
  },
  {
    name: 'moments of the mail account leased',
    at: (customerId) => ({
      standIn: 'cosmos',
      method: 'P*',
      body: `"key":"mail:${customerId}:*"type":"mail-rate"`,
    }),
  },
  {
    name: 'mail sent to the SMTP server',
    at: (_customerId, recipient) => ({
      standIn: 'smtp',
      method: 'DATA',
      path: `*${recipient}*`,
      body: undefined,
    }),
  },
  document('action recorded as done', 'PUT', 'response', '"state":"done"'),
  queue('action removed from the queue', 'DELETE', '*response-actions/messages/*'),
  queue('mail removed from the queue', 'DELETE', '*alert-mails/messages/*'),
  document('command leased by the server', 'PUT', 'command', '"status":"leased"'),
  document('result of the command recorded', 'PUT', 'command', '"status":"succeeded"'),
  queue('result sent to the orchestration', 'POST', '*command-results/messages'),
];

/** Sessions themselves: their start, their load, and that nobody uses them. */
import type { BuiltInTemplate } from '../template';
import { above, MAIL, template, when } from './building-blocks';

export const SESSIONS: readonly BuiltInTemplate[] = [
  template(
    'long-idle',
    ['Long idle sessions', 'Resources'],
    'Sessions that nobody uses: a mail after one hour, disconnected after four.',
    when('idle', 'Nobody has used the session for an hour', MAIL, above('idleDuration', 1)),
    when(
      'idle',
      'Nobody has used the session for four hours',
      ['disconnectSession'],
      above('idleDuration', 4),
    ),
  ),
  template(
    'high-cpu',
    ['High load', 'Resources'],
    'Processor, memory and delays of a session that its user will notice.',
    when('performanceData', 'The processor is busy', MAIL, above('cpuUsage', 90)),
    when('performanceData', 'Memory is short', MAIL, above('memoryUsage', 90)),
    when('performanceData', 'The connection is slow', MAIL, above('rtt', 300)),
  ),
  template(
    'session-starts',
    ['Session starts', 'Compliance'],
    'A mail for each session that starts in the scope of the rule, such as sessions of outside administrators.',
    when('sessionStart', 'A session has started', MAIL),
  ),
];

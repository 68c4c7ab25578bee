/** Templates for sessions: start, load and idle time. */
import type { BuiltInTemplate } from '../template';
import { above, MAIL, template, when } from './building-blocks';

export const SESSIONS: readonly BuiltInTemplate[] = [
  template(
    'long-idle',
    ['Long idle sessions', 'Resources'],
    'Idle sessions: an e-mail after one hour, disconnected after four.',
    when('idle', 'The session has been idle for one hour', MAIL, above('idleDuration', 1)),
    when('idle', 'The session has been idle for four hours', ['disconnectSession'], above('idleDuration', 4)),
  ),
  template(
    'high-cpu',
    ['High load', 'Resources'],
    'CPU, memory and latency at levels that users notice.',
    when('performanceData', 'High CPU usage', MAIL, above('cpuUsage', 90)),
    when('performanceData', 'High memory usage', MAIL, above('memoryUsage', 90)),
    when('performanceData', 'High latency', MAIL, above('rtt', 300)),
  ),
  template(
    'session-starts',
    ['Session starts', 'Compliance'],
    'An e-mail for each session that starts in the scope of the rule, such as sessions of external administrators.',
    when('sessionStart', 'A session has started', MAIL),
  ),
];

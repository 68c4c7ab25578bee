/** Task kinds that restrict many sessions or remove their restrictions. */
import { sessionTask } from '../hold/session-change';
import { restrictSession, unrestrictSession } from './restrict-session';

export const restrictTask = sessionTask('restrictRecordings', restrictSession);
export const unrestrictTask = sessionTask('unrestrictRecordings', unrestrictSession);

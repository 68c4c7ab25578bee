/** The built-in templates, for what organisations most often monitor. */
import { DATA } from './built-in/data';
import { INTRUDERS } from './built-in/intruders';
import { SESSIONS } from './built-in/sessions';
import { SOFTWARE } from './built-in/software';
import type { BuiltInTemplate } from './template';

/** In the order of lists. */
export const BUILT_IN_TEMPLATES: readonly BuiltInTemplate[] = [
  ...DATA,
  ...INTRUDERS,
  ...SOFTWARE,
  ...SESSIONS,
];

/** What the composition root uses of event trigger templates. */
export { templateOperations } from './operations';

/** The public interface of event trigger templates. */
export { templateOperations } from './operations';

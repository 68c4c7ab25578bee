/** What other capabilities may use of onboarding. */
export { onboardingOperations } from './operations';

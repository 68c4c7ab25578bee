/** What the one topic and its one subscription are called in delivery headers and dead-letter paths. */
export const topicName = 'session-events';
export const subscriptionName = 'respond';

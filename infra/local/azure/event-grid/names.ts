/** The names of the topic and its subscription in delivery headers and dead-letter paths. */
export const topicName = 'session-events';
export const subscriptionName = 'respond';

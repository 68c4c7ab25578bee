/** What a `durableClient` input binding passes to the SDK: the addresses of the Durable HTTP API. */

export interface ClientAddresses {
  readonly hostUrl: string;
  readonly hubName: string;
}

/** Stands for the instance id in the management URLs. */
const INSTANCE_PLACEHOLDER = 'INSTANCEID';

/** JSON of the binding's value, as `durable-functions` reads it. */
export function clientBindingJson({ hostUrl, hubName }: ClientAddresses): string {
  const baseUrl = `${hostUrl}/runtime/webhooks/durabletask`;
  return JSON.stringify({
    taskHubName: hubName,
    creationUrls: {
      createNewInstancePostUri: `${baseUrl}/orchestrators/{functionName}[/{instanceId}]?code=local`,
      createAndWaitOnNewInstancePostUri: `${baseUrl}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=local`,
    },
    managementUrls: managementUrls({ hostUrl, hubName }, INSTANCE_PLACEHOLDER),
    baseUrl,
    requiredQueryStringParameters: 'code=local',
    rpcBaseUrl: `${hostUrl}/durabletask/`,
  });
}

/** The addresses for monitoring and managing one instance. */
export function managementUrls(
  { hostUrl, hubName }: ClientAddresses,
  instanceId: string,
): Record<string, string> {
  const instance = `${hostUrl}/runtime/webhooks/durabletask/instances/${encodeURIComponent(instanceId)}`;
  const query = `taskHub=${encodeURIComponent(hubName)}&connection=Storage&code=local`;
  return {
    id: instanceId,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

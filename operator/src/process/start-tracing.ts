/** Starts the OpenTelemetry SDK where an endpoint is set; otherwise it is not even loaded. @returns a function that sends what is left and stops it */
export async function startTracing(endpoint: string | undefined): Promise<() => Promise<void>> {
  if (endpoint === undefined) return async () => {};
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({ serviceName: 'grm-operator', instrumentations: [] });
  sdk.start();
  return () => sdk.shutdown();
}

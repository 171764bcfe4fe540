const PATH = '/v1/traces';

/** The address to post traces to: the protocol's own path where the endpoint names none. @throws TypeError for what is no address */
export function tracesAddress(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`expected an http or https address of a collector, found '${endpoint}'`);
  }
  if (url.pathname === '/' || url.pathname === '') url.pathname = PATH;
  return url.href;
}

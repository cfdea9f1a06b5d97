/**
 * An endpoint must be https, since what goes there are credentials (RFC 6749, section 3.2); on loopback nobody can listen in,
 * and development servers have no certificate.
 *
 * @returns the URL, or what is wrong with the text.
 */
export function endpointUrl(text: string): URL | string {
  const url = URL.parse(text);
  if (!url) return 'is not a URL';
  if (url.username || url.password) return 'must not hold a user name or password';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
    return url;
  return 'must be https (http is for loopback only)';
}

/** @param hostname of a URL: there every spelling of an IPv4 address has become four decimal numbers (WHATWG URL, host parsing). */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

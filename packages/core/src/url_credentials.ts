import type { Settings } from './settings.ts';

/**
 * Takes the credentials out of a token endpoint's URL, `https://id:secret@host/token/`, as some servers' manuals print it: they belong into the
 * Authorization header, and must not be seen in requests and messages (RFC 9110, section 4.2.4).
 *
 * @returns the settings with the bare URL; id and secret of their own win over those of the URL.
 */
export function withoutUrlCredentials(settings: Settings): Settings {
  const url = settings.tokenUrl ? URL.parse(settings.tokenUrl) : null;
  if (!url || (url.username === '' && url.password === '')) return settings;
  const [id, secret] = [decoded(url.username), decoded(url.password)];
  // A secret belongs to the id that it stands beside.
  const isOthers = Boolean(settings.clientId) && settings.clientId !== id;
  return {
    ...settings,
    // The text and not the parsed URL: it is a part of the key under which tokens are stored.
    tokenUrl: settings.tokenUrl?.replace(/(?<=:\/\/)[^/?#]*@/, ''),
    clientId: settings.clientId || id,
    clientSecret: settings.clientSecret || (isOthers ? undefined : secret) || undefined,
    clientAuth: settings.clientAuth ?? (secret ? 'basic' : undefined),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A percent sign that is none of an escape.
    return part;
  }
}

import { createHash } from 'node:crypto';

/** A whole HTTP answer to the browser. */
export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const STYLE =
  'body{font:1.1em/1.5 system-ui,sans-serif;max-width:36em;margin:15vh auto;padding:0 1em}';
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

// The page's address holds the code: it must not reach a cache, a Referer or anything the page would load (RFC 9700, section 4.2.4;
// RFC 6749, section 3.1.2.5).
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
};

/**
 * A page that needs nothing but itself.
 *
 * @param status HTTP status.
 * @param title plain text.
 * @param text plain text; a server's words may be in it.
 */
export function page(status: number, title: string, text: string): Page {
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style><h1>${escaped(title)}</h1><p>${escaped(text)}</p></html>`;
  return { status, headers: { ...HEADERS, 'Content-Length': `${Buffer.byteLength(body)}` }, body };
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

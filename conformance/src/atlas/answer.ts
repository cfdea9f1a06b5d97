import { parse } from 'node-html-parser';
import {
  type Exchange,
  header,
  jsonBody,
  type RecordedRequest,
  type RecordedResponse,
} from '../wire/exchange.ts';
import { stableParameters, stableUrl } from './stable.ts';

/** What came back, as a page shows it. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

const SHOWN = ['Content-Type', 'WWW-Authenticate', 'Location', 'Allow', 'Retry-After'];
const LONGEST_TEXT = 400;

export function headerOf(answer: RecordedResponse | undefined, name: string): string | undefined {
  const found = Object.entries(answer?.headers ?? {}).find(
    ([key]) => key.toLowerCase() === name.toLowerCase(),
  )?.[1];
  return Array.isArray(found) ? found.join(', ') : found;
}

export function isHtml(answer: RecordedResponse | undefined): boolean {
  return headerOf(answer, 'content-type')?.startsWith('text/html') === true && answer?.body !== '';
}

/** The `error` that an answer names: in the redirect to the client, in its JSON, or in its challenge. */
export function wordOf(answer: RecordedResponse | undefined): string | undefined {
  const location = headerOf(answer, 'location') ?? '';
  const redirected = /[?#&]error=([^&]+)/.exec(location)?.[1];
  if (redirected !== undefined) return decodeURIComponent(redirected);
  const word = jsonBody(answer)?.['error'];
  if (typeof word === 'string') return word;
  return /\berror="([^"]+)"/.exec(headerOf(answer, 'www-authenticate') ?? '')?.[1];
}

/** Whether a server says no: also by a redirect of a token request, which no client follows. */
export function isRefusal({ endpoint, response }: Exchange): boolean {
  if (!response) return false;
  if (response.status >= 400 || wordOf(response) !== undefined) return true;
  return response.status >= 300 && endpoint === 'token';
}

/** The page on which an answer is to be found. */
export function pageOf(exchange: Exchange): string {
  const word = wordOf(exchange.response);
  if (word !== undefined && /^[a-z_]+$/.test(word)) return word;
  const inBrowser = exchange.endpoint === 'authorization' && isHtml(exchange.response);
  return inBrowser ? 'error_page' : `http_${exchange.response?.status}`;
}

export function shownAnswer({ response }: Exchange, stable: (text: string) => string): Answer {
  if (!response) throw new Error('an exchange without an answer cannot be shown');
  const headers = SHOWN.flatMap((name) => {
    const value = headerOf(response, name);
    return value === undefined ? [] : [[name, stableUrl(stable(value))] as const];
  });
  const body = isHtml(response) ? visibleText(response.body) : response.body;
  return { status: response.status, headers, body: stable(body) };
}

/** Method, URL and form, in the client's own order. */
export function shownRequest({ request }: Exchange, stable: (text: string) => string): string {
  const line = `${request.method} ${stableUrl(stable(request.target))}${authorization(request, stable)}`;
  if (request.body === '') return line;
  const isForm = !request.body.startsWith('{');
  const body = isForm ? stableParameters(stable(request.body)) : stable(request.body);
  return `${line}\n\n${body}`;
}

function authorization(request: RecordedRequest, stable: (text: string) => string): string {
  const value = header(request, 'authorization');
  if (value === undefined) return '';
  const shown = /^basic /i.test(value) ? 'Basic <Base64 of id:secret>' : stable(value);
  return `\nAuthorization: ${shown}`;
}

/** What a person reads on a page. */
function visibleText(html: string): string {
  const document = parse(html);
  for (const hidden of document.querySelectorAll('script, style, title, template, noscript'))
    hidden.remove();
  const text = (document.querySelector('body') ?? document).structuredText;
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_TEXT);
}

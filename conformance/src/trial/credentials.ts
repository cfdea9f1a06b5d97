// `client_secret = "…"`, `password: '…'`, `SECRET <- "…"` with a text of its own, in the ways of all languages.
const LITERAL =
  /(?:secret|password|passwd|api_?key|refresh_token|access_token)\w*["'\]]?\s*(?:=|:|<-|=>)\s*(["'])(?!\$|\1)[^"'\s]{6,}\1/i;
// A shell needs no quotes.
const ASSIGNED = /^\s*(?:export\s+)?\w*(?:SECRET|PASSWORD)\w*=[^\s"'$;]{6,}/;
// Keys, JSON Web Tokens, Basic credentials, wherever they stand.
const CREDENTIAL = /-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]{16,}\.|Basic [A-Za-z0-9+/]{16,}={0,2}/;

/** The number of the first line of a source that holds a credential, counted from 1; 0 if there is none. */
export function lineWithCredential(source: string): number {
  const patterns = [LITERAL, ASSIGNED, CREDENTIAL];
  return source.split('\n').findIndex((line) => patterns.some((pattern) => pattern.test(line))) + 1;
}

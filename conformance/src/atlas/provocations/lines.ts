// One line of code in each language; the names are those of docs/client.md's clients.

/** A person logs in. */
export const LOG_IN = {
  curl: 'sh authorization_code.sh',
  TypeScript:
    'const login = await client.startLogin(); await login.openBrowser(); await login.finish();',
  Python: 'login = client.start_login(); webbrowser.open(login.authorization_url); login.finish()',
  R: 'utils::browseURL(begin_login(client)); finish_login(client)',
  Groovy: 'def login = client.startLogin(); login.openBrowser(); login.finish()',
} as const;

/** Tokens are kept in a file that processes share. */
export const SHARE_A_FILE = {
  curl: 'export OAUTH_TOKEN_FILE=tokens.json',
  TypeScript: "store: new FileStore('tokens.json')",
  Python: 'token_file="tokens.json"',
  R: 'token_file = "tokens.json"',
  Groovy: "token_file: 'tokens.json'",
} as const;

/** A token that lives for another minute. */
export const ASK_FOR_TOKEN = {
  TypeScript: 'await client.getToken({ minValidity: 60 })',
  Python: 'client.get_token(min_validity=60)',
  R: 'get_token(client, min_validity = 60)',
  Groovy: 'client.token(60)',
} as const;

/** A token request by hand. */
export const SEND_A_FORM = {
  curl: 'curl -d grant_type=client_credentials … "$TOKEN_URL"',
  TypeScript: "fetch(url, { method: 'POST', body: new URLSearchParams(fields) })",
  Python: 'requests.post(url, data=fields)  # neither json= nor params=',
  R: 'req_body_form(!!!fields)  # neither req_body_json() nor req_url_query()',
  Groovy:
    "header('Content-Type', 'application/x-www-form-urlencoded').POST(BodyPublishers.ofString(form))",
} as const;

export const ASK_FOR_OPENID = {
  curl: "export OAUTH_SCOPE='openid profile email'",
  TypeScript: "scope: 'openid profile email'",
  Python: 'scope="openid profile email"',
  R: 'scope = "openid profile email"',
  Groovy: "scope: 'openid profile email'",
} as const;

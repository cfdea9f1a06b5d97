// SPDX-License-Identifier: MIT-0
//
// Logs a person in (RFC 6749, 4.1, with PKCE), verifies the ID token, and asks UserInfo who it is
// (OpenID Connect Core 1.0, 3.1.3.7 and 5.3).
// Run: groovy userinfo.groovy
// Needs JDK 17 or later.

import com.sun.net.httpserver.*
import groovy.json.JsonSlurper
import java.net.http.*
import java.security.*
import java.security.spec.RSAPublicKeySpec
import java.util.concurrent.*

def fail(message, status = 1) {
    System.err.println(message)
    System.exit(status)
}

// Settings come from the environment. An empty one counts as missing.
def env = System.getenv()
def missing = []
if (!env.OAUTH_ISSUER) missing << 'OAUTH_ISSUER'
if (!env.OAUTH_CLIENT_ID) missing << 'OAUTH_CLIENT_ID'
if (missing) fail("Missing settings: ${missing.join(', ')}", 2)
def port = env.OAUTH_REDIRECT_PORT ?: '0'
if (!(port ==~ /\d{1,5}/) || port.toInteger() > 65535) fail('OAUTH_REDIRECT_PORT must be a port number', 2)
def scope = env.OAUTH_SCOPE ?: 'openid profile email'
if (!('openid' in scope.tokenize())) fail('OAUTH_SCOPE must hold openid', 2)

// No HTTP/2, which adds upgrade headers to plain http. No redirects, which would take the secret elsewhere.
def http = HttpClient.newBuilder()
    .version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).build()

// 30 seconds for the whole answer; the timeout of HttpRequest would end with its headers.
def exchange = { request ->
    try {
        http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray()).get(30, TimeUnit.SECONDS)
    } catch (TimeoutException e) {
        fail("${request.method()} ${request.uri()}: no whole answer within 30 seconds")
    } catch (ExecutionException e) {
        fail("${request.method()} ${request.uri()}: no answer (${e.cause.class.simpleName})")
    }
}

// Null for what is no JSON object. The parser's message would quote the answer, and with it the token.
def jsonObject = { bytes ->
    try {
        def value = new JsonSlurper().parse(bytes, 'UTF-8')
        value instanceof Map ? value : null
    } catch (e) {
        null
    }
}

def encode = { URLEncoder.encode(it, 'UTF-8') }

// The exchange of a code for a token (RFC 6749, 4.1.3). A public client has only its id (3.2.1).
def requestToken = { url, form ->
    def body = form.collect { name, value -> name + '=' + encode(value) }.join('&')
    def response = exchange(HttpRequest.newBuilder(URI.create(url))
        .header('Accept', 'application/json').header('Content-Type', 'application/x-www-form-urlencoded')
        .POST(HttpRequest.BodyPublishers.ofString(body)).build())
    def status = response.statusCode()
    def answer = jsonObject(response.body()) ?: [:]
    // An error: what the server says of it (RFC 6749, 5.2).
    if (answer.error instanceof String) {
        fail([answer.error, answer.error_description].findAll().join(': ') + " (HTTP ${status})")
    }
    // A token: of type Bearer, in any case, and printable (RFC 6749, 5.1, 7.1 and A.12).
    def usable = status in 200..299 && !answer.containsKey('error') &&
        answer.token_type.toString().equalsIgnoreCase('Bearer') &&
        answer.access_token instanceof String && answer.access_token ==~ /[ -~]+/
    if (!usable) fail("POST ${url}: HTTP ${status}, no usable token in the answer")
    answer
}

// A JSON document: metadata, keys, claims.
def get = { url, headers = [:] ->
    def request = HttpRequest.newBuilder(URI.create(url)).header('Accept', 'application/json')
    headers.each { name, value -> request.header(name, value) }
    def response = exchange(request.build())
    def found = response.statusCode() == 200 ? jsonObject(response.body()) : null
    found == null ? fail("GET ${url}: HTTP ${response.statusCode()}, no JSON object") : found
}

// The endpoints, from the metadata of the very issuer that was asked (OpenID Connect Discovery, 4.3).
def metadata = get(env.OAUTH_ISSUER.replaceFirst('/$', '') + '/.well-known/openid-configuration')
if (metadata.issuer != env.OAUTH_ISSUER) fail("The metadata are not of the issuer ${env.OAUTH_ISSUER}")
def tokenUrl = env.OAUTH_TOKEN_URL ?: metadata.token_endpoint
def authorizeUrl = env.OAUTH_AUTHORIZE_URL ?: metadata.authorization_endpoint
if (!tokenUrl || !authorizeUrl) fail("${env.OAUTH_ISSUER}: no token or authorization endpoint in its metadata")

// Nobody can guess these, and each login has its own: state is against forged callbacks (RFC 6749, 10.12),
// the verifier against stolen codes (RFC 7636, 4.1),
// the nonce against an ID token of another login (OpenID Connect Core 1.0, 3.1.2.1).
def base64Url = { bytes -> Base64.urlEncoder.withoutPadding().encodeToString(bytes) }
def random = {
    def bytes = new byte[32]
    new SecureRandom().nextBytes(bytes)
    base64Url(bytes)
}
def (state, verifier, nonce) = [random(), random(), random()]
def challenge = base64Url(MessageDigest.getInstance('SHA-256').digest(verifier.getBytes('US-ASCII')))

// The browser comes back to a port of this machine, on which nobody else can listen (RFC 8252, 7.3 and 8.3).
def listener = HttpServer.create()
try {
    listener.bind(new InetSocketAddress(InetAddress.getByName('127.0.0.1'), port.toInteger()), 0)
} catch (BindException e) {
    fail("Port ${port} on 127.0.0.1 is in use: set another OAUTH_REDIRECT_PORT, or none", 2)
}
def redirectUri = "http://127.0.0.1:${listener.address.port}/callback".toString()
def callback = new CompletableFuture()
listener.createContext('/', { request ->
    def query = (request.requestURI.rawQuery ?: '').tokenize('&').collectEntries { piece ->
        def at = piece.indexOf('=')
        at < 0 ? [piece, ''] : [piece.substring(0, at), URLDecoder.decode(piece.substring(at + 1), 'UTF-8')]
    }
    // Whatever is not this login's callback leaves it as it is.
    def ours = request.requestMethod == 'GET' && request.requestURI.path == '/callback' && query.state == state
    def page = (ours ? 'Close this window and go back to the program.' : 'Not a login.').getBytes('UTF-8')
    // The address of the page holds the code: no cache and no other site may learn it (RFC 9700, 4.2.4).
    request.responseHeaders.add('Content-Type', 'text/plain; charset=utf-8')
    request.responseHeaders.add('Cache-Control', 'no-store')
    request.responseHeaders.add('Referrer-Policy', 'no-referrer')
    request.sendResponseHeaders(ours ? 200 : 400, page.length)
    request.responseBody.write(page)
    request.close()
    if (ours) callback.complete(query)
} as HttpHandler)
listener.start()

// The authorization request (RFC 6749, 4.1.1; RFC 7636, 4.3). The endpoint may have a query of its own (3.1).
def parameters = [response_type: 'code', client_id: env.OAUTH_CLIENT_ID, redirect_uri: redirectUri, state: state,
                  code_challenge: challenge, code_challenge_method: 'S256', nonce: nonce,
                  scope: scope]
def authorizationUrl = authorizeUrl + (authorizeUrl.contains('?') ? '&' : '?') +
    parameters.collect { name, value -> name + '=' + encode(value) }.join('&')
System.err.println("Log in at: ${authorizationUrl}")

// The person's own browser (RFC 8252, 8.12). Where none can be opened, the person has the URL.
def system = System.getProperty('os.name')
def opener = env.BROWSER ? [env.BROWSER] : system.startsWith('Mac') ? ['open'] :
    system.startsWith('Windows') ? ['rundll32', 'url.dll,FileProtocolHandler'] : ['xdg-open']
try {
    def browser = new ProcessBuilder(opener + [authorizationUrl])
    browser.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start()
} catch (IOException e) {
    System.err.println("No browser was opened (${opener[0]})")
}

// The callback. Nothing in it counts before its issuer is known to be the right one (RFC 9207, 2.4).
def answer = [:]
try {
    answer = callback.get(300, TimeUnit.SECONDS)
} catch (TimeoutException e) {
    fail('Nobody came back from the browser within 300 seconds')
}
listener.stop(0)
def promised = metadata.authorization_response_iss_parameter_supported == true
if (env.OAUTH_ISSUER && (answer.iss || promised) && answer.iss != env.OAUTH_ISSUER) {
    fail("The callback is not of the issuer ${env.OAUTH_ISSUER}")
}
if (answer.error) fail([answer.error, answer.error_description].findAll().join(': ').replaceAll(/\p{Cntrl}/, ' '))
if (!answer.code) fail('The callback holds neither a code nor an error')

// The code is good for one exchange, with the very same redirect URI (RFC 6749, 4.1.3), and only with the
// verifier (RFC 7636, 4.5).
def token = requestToken(tokenUrl, [grant_type: 'authorization_code', code: answer.code, redirect_uri: redirectUri,
                                    client_id: env.OAUTH_CLIENT_ID, code_verifier: verifier])

// The ID token (OpenID Connect Core 1.0, 3.1.3.7): signed by the issuer with RS256, whatever its header asks for ...
def refuse = { why -> fail("The ID token is refused: ${why}") }
def decode = { text -> Base64.urlDecoder.decode(text) }
def parts = token.id_token.toString().split(/\./, -1)
if (!(token.id_token instanceof String) || parts.length != 3) refuse('expected a signed JWT')
def header = [:], claims = [:], signed = false
try {
    header = jsonObject(decode(parts[0])) ?: [:]
    def key = get(metadata.jwks_uri).keys.find { it.kid == header.kid && it.kty == 'RSA' && it.use in [null, 'sig'] }
    def number = { text -> new BigInteger(1, decode(text)) }
    def signature = Signature.getInstance('SHA256withRSA')
    def numbers = new RSAPublicKeySpec(number(key.n), number(key.e))
    signature.initVerify(KeyFactory.getInstance('RSA').generatePublic(numbers))
    signature.update((parts[0] + '.' + parts[1]).getBytes('US-ASCII'))
    signed = header.alg == 'RS256' && !header.crit && signature.verify(decode(parts[2]))
    claims = jsonObject(decode(parts[1])) ?: [:]
} catch (e) {
    // No key, or no numbers in it: not signed. The message could quote the token.
}
if (!signed) refuse('expected a signature of the issuer with RS256')

// ... for this client, now, and for this login.
def now = System.currentTimeMillis() / 1000
if (claims.iss != env.OAUTH_ISSUER) refuse("expected the issuer ${env.OAUTH_ISSUER}")
def me = env.OAUTH_CLIENT_ID
if (claims.aud != me && claims.aud != [me]) refuse("expected the audience ${me}")
if (claims.azp != null && claims.azp != me) refuse("expected the authorized party ${me}")
if (!(claims.exp instanceof Number) || claims.exp + 30 <= now) refuse('expected one that has not expired')
if (!(claims.iat instanceof Number) || claims.iat - 30 > now) refuse('expected one that was issued before now')
if (claims.nonce != nonce) refuse('expected the nonce that was sent')
if (!claims.sub) refuse('expected a subject')

// UserInfo, about the same person (5.3.2). The token goes into the header and nowhere else (RFC 6750, 2.1).
def userInfo = get(metadata.userinfo_endpoint, [Authorization: 'Bearer ' + token.access_token])
if (userInfo.sub != claims.sub) fail("${metadata.userinfo_endpoint}: expected claims about the person of the ID token")
// UTF-8, whatever the locale.
['sub', 'name', 'preferred_username', 'email'].each { name ->
    def claim = userInfo[name] == null ? 'none' : userInfo[name]
    System.out.write("${name}: ${claim}\n".getBytes('UTF-8'))
}
System.out.flush()

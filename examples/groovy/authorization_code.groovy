// SPDX-License-Identifier: MIT-0
//
// Logs a person in at a public client (RFC 6749, 4.1), with PKCE (RFC 7636) and a loopback listener (RFC 8252).
// Shows the token, and keeps it in OAUTH_TOKEN_FILE if that is set.
// Run: groovy authorization_code.groovy
// Needs JDK 17 or later.

import com.sun.net.httpserver.*
import groovy.json.*
import java.net.http.*
import java.nio.file.*
import java.nio.file.attribute.PosixFilePermissions
import java.security.*
import java.util.concurrent.*

def fail(message, status = 1) {
    System.err.println(message)
    System.exit(status)
}

// Settings come from the environment. An empty one counts as missing.
def env = System.getenv()
def missing = []
if (!env.OAUTH_ISSUER && !env.OAUTH_AUTHORIZE_URL) missing << 'OAUTH_ISSUER or OAUTH_AUTHORIZE_URL'
if (!env.OAUTH_ISSUER && !env.OAUTH_TOKEN_URL) missing << 'OAUTH_ISSUER or OAUTH_TOKEN_URL'
if (!env.OAUTH_CLIENT_ID) missing << 'OAUTH_CLIENT_ID'
if (missing) fail("Missing settings: ${missing.join(', ')}", 2)
def port = env.OAUTH_REDIRECT_PORT ?: '0'
if (!(port ==~ /\d{1,5}/) || port.toInteger() > 65535) fail('OAUTH_REDIRECT_PORT must be a port number', 2)

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

// Length and hash tell one token from another and give neither away.
def fingerprint = { token ->
    if (!token) return 'none'
    def hash = MessageDigest.getInstance('SHA-256').digest(token.getBytes('UTF-8')).encodeHex().toString()
    "${token.length()} characters, sha256 ${hash.take(8)}"
}

def show = { token ->
    println "token_type: ${token.token_type}"
    println "expires_in: ${token.expires_in == null ? 'none' : token.expires_in}"
    println "scope: ${token.scope == null ? 'none' : token.scope}"
    println "access_token: ${fingerprint(token.access_token)}"
    println "refresh_token: ${fingerprint(token.refresh_token)}"
}

// The key of this login in the token file: server, client, grant, user and scopes, percent-encoded (RFC 3986, 2.3).
def percent = { encode(it).replace('+', '%20').replace('*', '%2A').replace('%7E', '~') }
def tokenKey = {
    def scopes = (env.OAUTH_SCOPE ?: '').tokenize(' ').unique().sort()
    def parts = [env.OAUTH_ISSUER ?: env.OAUTH_TOKEN_URL, env.OAUTH_CLIENT_ID, 'authorization_code', '']
    (parts.collect(percent) + scopes.collect(percent).join('+')).join(' ')
}

// The file that programs of all languages share. Where it is another program's, it stays as it is.
def readTokenFile = { file ->
    if (!file.exists() || !file.getText('UTF-8').trim()) return [format: 'polyglot-tokens', version: 1, tokens: [:]]
    def found = jsonObject(file.bytes)
    if (found?.format == 'polyglot-tokens' && found.version == 1 && found.tokens instanceof Map) return found
    fail("${file} is not a token file of polyglot-tokens, version 1", 2)
}

// For its owner alone from the start, and whole at every moment: a new file that takes the old one's place.
def writeTokenFile = { file, content ->
    def only = { rights -> PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights)) }
    def folder = file.absoluteFile.parentFile.toPath()
    if (!Files.isDirectory(folder)) Files.createDirectories(folder, only('rwx------'))
    def temporary = Files.createTempFile(folder, file.name + '.tmp.', '', only('rw-------'))
    Files.write(temporary, JsonOutput.prettyPrint(JsonOutput.toJson(content)).getBytes('UTF-8'))
    Files.move(temporary, file.toPath(), StandardCopyOption.ATOMIC_MOVE)
}

// What an answer says, with times in seconds since 1970.
def entryOf = { answer, issuedAt ->
    def entry = [token_type: 'Bearer', issued_at: issuedAt]
    ['access_token', 'scope', 'refresh_token', 'id_token'].each { if (answer[it]) entry[it] = answer[it] }
    [expires_at: answer.expires_in, refresh_expires_at: answer.refresh_expires_in].each { name, seconds ->
        // Keycloak says 0 where it knows no limit.
        def known = seconds.toString() ==~ /\d+(\.\d+)?/ && seconds.toBigDecimal() > 0
        if (known) entry[name] = issuedAt + seconds.toBigDecimal()
    }
    entry
}

// A file that is another program's shows before anybody logs in for nothing.
if (env.OAUTH_TOKEN_FILE) readTokenFile(new File(env.OAUTH_TOKEN_FILE))

// The endpoints, from the server's metadata, which must be that of the very issuer that was asked
// (OpenID Connect Discovery, 4.3), or from the settings.
def metadata = [:]
if (env.OAUTH_ISSUER) {
    def url = env.OAUTH_ISSUER.replaceFirst('/$', '') + '/.well-known/openid-configuration'
    def response = exchange(HttpRequest.newBuilder(URI.create(url)).header('Accept', 'application/json').build())
    metadata = jsonObject(response.body()) ?: [:]
    if (response.statusCode() != 200 || metadata.issuer != env.OAUTH_ISSUER) {
        fail("GET ${url}: HTTP ${response.statusCode()}, no metadata of issuer ${env.OAUTH_ISSUER} in the answer")
    }
}
def tokenUrl = env.OAUTH_TOKEN_URL ?: metadata.token_endpoint
def authorizeUrl = env.OAUTH_AUTHORIZE_URL ?: metadata.authorization_endpoint
if (!tokenUrl || !authorizeUrl) fail("${env.OAUTH_ISSUER}: no token or authorization endpoint in its metadata")

// Nobody can guess these, and each login has its own: state is against forged callbacks (RFC 6749, 10.12),
// the verifier against stolen codes (RFC 7636, 4.1).
def base64Url = { bytes -> Base64.urlEncoder.withoutPadding().encodeToString(bytes) }
def random = {
    def bytes = new byte[32]
    new SecureRandom().nextBytes(bytes)
    base64Url(bytes)
}
def (state, verifier) = [random(), random()]
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
                  code_challenge: challenge, code_challenge_method: 'S256']
if (env.OAUTH_SCOPE) parameters.scope = env.OAUTH_SCOPE
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
def sentAt = System.currentTimeMillis() / 1000
def token = requestToken(tokenUrl, [grant_type: 'authorization_code', code: answer.code, redirect_uri: redirectUri,
                                    client_id: env.OAUTH_CLIENT_ID, code_verifier: verifier])

if (env.OAUTH_TOKEN_FILE) {
    def file = new File(env.OAUTH_TOKEN_FILE)
    def content = readTokenFile(file)
    content.tokens[tokenKey()] = entryOf(token, sentAt)
    writeTokenFile(file, content)
}
show(token)

// SPDX-License-Identifier: MIT-0
//
// Gets a token by the client credentials grant (RFC 6749, 4.4), or takes the one that authorization_code.groovy has
// stored in OAUTH_TOKEN_FILE; then gets a new one by its refresh token (RFC 6749, 6), and shows both.
// Run: groovy refresh.groovy
// Needs JDK 17 or later.

import groovy.json.*
import java.net.http.*
import java.nio.file.*
import java.nio.file.attribute.PosixFilePermissions
import java.security.MessageDigest
import java.util.concurrent.*

def fail(message, status = 1) {
    System.err.println(message)
    System.exit(status)
}

// Settings come from the environment. An empty one counts as missing.
def env = System.getenv()
// A client that logs people in and has no secret is a public one.
def isPublic = env.OAUTH_TOKEN_FILE && !env.OAUTH_CLIENT_SECRET
def auth = env.OAUTH_CLIENT_AUTH ?: (isPublic ? 'none' : 'basic')
def missing = []
if (!env.OAUTH_ISSUER && !env.OAUTH_TOKEN_URL) missing << 'OAUTH_ISSUER or OAUTH_TOKEN_URL'
if (!env.OAUTH_CLIENT_ID) missing << 'OAUTH_CLIENT_ID'
if (!env.OAUTH_CLIENT_SECRET && auth != 'none') missing << 'OAUTH_CLIENT_SECRET'
if (missing) fail("Missing settings: ${missing.join(', ')}", 2)
if (!(auth in ['basic', 'post', 'none'])) fail('OAUTH_CLIENT_AUTH must be basic, post or none', 2)

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

// One request to the token endpoint: a form goes there, a token comes back (RFC 6749, 3.2).
def requestToken = { url, grant ->
    def form = [:] + grant
    def request = HttpRequest.newBuilder(URI.create(url))
        .header('Accept', 'application/json').header('Content-Type', 'application/x-www-form-urlencoded')
    if (auth == 'basic') {
        // Id and secret are form-encoded before Base64 (RFC 6749, 2.3.1).
        def credentials = encode(env.OAUTH_CLIENT_ID) + ':' + encode(env.OAUTH_CLIENT_SECRET)
        request.header('Authorization', 'Basic ' + credentials.bytes.encodeBase64())
    } else {
        form.client_id = env.OAUTH_CLIENT_ID
        if (auth == 'post') form.client_secret = env.OAUTH_CLIENT_SECRET
    }
    def body = form.collect { name, value -> name + '=' + encode(value) }.join('&')
    def response = exchange(request.POST(HttpRequest.BodyPublishers.ofString(body)).build())
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

// The token endpoint, from the settings or from the server's metadata, which must be that of the very
// issuer that was asked (OpenID Connect Discovery, 4.3).
def tokenUrl = env.OAUTH_TOKEN_URL
if (!tokenUrl) {
    def url = env.OAUTH_ISSUER.replaceFirst('/$', '') + '/.well-known/openid-configuration'
    def response = exchange(HttpRequest.newBuilder(URI.create(url)).header('Accept', 'application/json').build())
    def metadata = jsonObject(response.body()) ?: [:]
    if (response.statusCode() != 200 || metadata.issuer != env.OAUTH_ISSUER || !metadata.token_endpoint) {
        fail("GET ${url}: HTTP ${response.statusCode()}, no token endpoint of issuer ${env.OAUTH_ISSUER} in the answer")
    }
    tokenUrl = metadata.token_endpoint
}

def file = new File(env.OAUTH_TOKEN_FILE ?: '')
def content = [:], token
if (env.OAUTH_TOKEN_FILE) {
    // What a login has stored.
    content = readTokenFile(file)
    token = content.tokens[tokenKey()]
    if (!(token instanceof Map) || !token.access_token || !(token.issued_at instanceof Number)) {
        fail("${file} has no tokens for these settings: run authorization_code first")
    }
    if (token.expires_at) token = token + [expires_in: Math.round((token.expires_at - token.issued_at).toDouble())]
    println 'Stored'
} else {
    // The token request (RFC 6749, 4.4.2).
    def grant = [grant_type: 'client_credentials']
    if (env.OAUTH_SCOPE) grant.scope = env.OAUTH_SCOPE
    token = requestToken(tokenUrl, grant)
    println 'Issued'
}
show(token)

// A server should give no refresh token for this grant (RFC 6749, 4.4.3), so most must be told to.
if (!token.refresh_token) {
    fail("No refresh token was issued. In Keycloak, switch on 'Use refresh tokens for client credentials grant' " +
        'for the client (Advanced, OpenID Connect Compatibility Modes).')
}

// The refresh request, with the same client authentication (RFC 6749, 6).
def refreshUrl = env.OAUTH_REFRESH_URL ?: tokenUrl
def sentAt = System.currentTimeMillis() / 1000
def refreshed = requestToken(refreshUrl, [grant_type: 'refresh_token', refresh_token: token.refresh_token])
def rotated = refreshed.refresh_token
// Without a new refresh token the old one stays valid.
refreshed.refresh_token = rotated ?: token.refresh_token

// Stored before it is used: the old refresh token may be spent. What the answer leaves out stays as it was.
if (env.OAUTH_TOKEN_FILE) {
    def kept = token.findAll { name, value -> !(name in ['expires_in', 'expires_at', 'refresh_sent_at']) }
    if (rotated) kept.remove('refresh_expires_at') else refreshed.remove('refresh_expires_in')
    content.tokens[tokenKey()] = kept + entryOf(refreshed, sentAt)
    writeTokenFile(file, content)
}
println 'Refreshed'
show(refreshed)

// SPDX-License-Identifier: MIT-0
//
// Gets a token for a person's name and password (RFC 6749, 4.3) and shows it. For legacy servers only: the
// password is shown to this program, and there is no room for a second factor (RFC 9700, 2.4).
// Run: groovy password.groovy
// Needs JDK 17 or later.

import groovy.json.JsonSlurper
import java.net.http.*
import java.security.MessageDigest
import java.util.concurrent.*

def fail(message, status = 1) {
    System.err.println(message)
    System.exit(status)
}

// Settings come from the environment. An empty one counts as missing.
def env = [:] + System.getenv()
def auth = env.OAUTH_CLIENT_AUTH ?: 'basic'

// Some servers' documents have https://id:secret@host/… A URL is shown in messages and logs, so both are
// taken out of it. They are percent-encoded there, and a plus is a plus (RFC 3986, 3.2.1).
def inUrl = (env.OAUTH_TOKEN_URL ?: '') =~ '(https?://)([^/?#:]*):([^/?#]*)@(.+)'
if (inUrl.matches()) {
    def decode = { URLDecoder.decode(it.replace('+', '%2B'), 'UTF-8') }
    env.OAUTH_CLIENT_ID = env.OAUTH_CLIENT_ID ?: decode(inUrl.group(2))
    env.OAUTH_CLIENT_SECRET = env.OAUTH_CLIENT_SECRET ?: decode(inUrl.group(3))
    env.OAUTH_TOKEN_URL = inUrl.group(1) + inUrl.group(4)
}

def missing = []
if (!env.OAUTH_ISSUER && !env.OAUTH_TOKEN_URL) missing << 'OAUTH_ISSUER or OAUTH_TOKEN_URL'
if (!env.OAUTH_CLIENT_ID) missing << 'OAUTH_CLIENT_ID'
if (!env.OAUTH_CLIENT_SECRET && auth != 'none') missing << 'OAUTH_CLIENT_SECRET'
if (!env.OAUTH_USERNAME) missing << 'OAUTH_USERNAME'
if (!env.OAUTH_PASSWORD) missing << 'OAUTH_PASSWORD'
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

// The token request (RFC 6749, 4.3.2). It is sent once: three wrong passwords lock an account.
System.err.println('The password grant is for legacy servers only (RFC 9700, 2.4).')
def grant = [grant_type: 'password', username: env.OAUTH_USERNAME, password: env.OAUTH_PASSWORD]
if (env.OAUTH_SCOPE) grant.scope = env.OAUTH_SCOPE
show(requestToken(tokenUrl, grant))

// SPDX-License-Identifier: MIT-0
//
// An OAuth 2.0 client that keeps one token: gets it, renews it when it is due, and sends requests with it.
// Copy this file and build on it. It needs JDK 17, Groovy 4 and groovy-json.

import groovy.json.JsonSlurperClassic
import groovy.transform.CompileStatic
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse
import java.nio.ByteBuffer
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.Flow
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import javax.net.ssl.SSLException

import static java.nio.charset.StandardCharsets.UTF_8

/**
 * Keeps one token of one client. Safe for use by many threads: callers that come together share one renewal.
 *
 * <pre>
 * def client = new TokenClient(TokenClient.settingsFromEnvironment())
 * println client.request('GET', 'v1/ticketing/catalogs/').body
 * </pre>
 */
@CompileStatic
class TokenClient {
    /** Seconds for a whole exchange, a trickling body included. */
    static final int TIME_LIMIT = 30
    /** Bytes of a body that are read. */
    static final int SIZE_LIMIT = 1024 * 1024
    /** Seconds before its end at which a token is renewed; a tenth of its lifetime where that is less. */
    static final double MARGIN = 30

    // HTTP/2 would add upgrade headers to every plain request, and a redirect would carry the secret elsewhere.
    private static final HttpClient HTTP = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).build()

    private static final Map<String, String> CLASS_OF_OAUTH_ERROR = [
        invalid_client: 'invalid_client',
        unauthorized_client: 'invalid_client', // Keycloak's word for a wrong secret
        invalid_grant: 'invalid_grant',
        invalid_scope: 'invalid_scope',
        access_denied: 'access_denied',
        invalid_request: 'config_error',
        unsupported_grant_type: 'config_error',
        invalid_target: 'config_error',
        temporarily_unavailable: 'unavailable',
        server_error: 'unavailable',
    ]

    private final String issuer, clientId, scope
    private final Secret clientSecret
    private final URI refreshUrl, apiUrl
    private final boolean debug
    // Filled in by discovery where the settings leave them out.
    private URI tokenUrl
    private String clientAuth

    private final Object lock = new Object()
    private Token current
    private CompletableFuture<Token> renewal
    // Touched by the renewal alone, of which there is one at a time.
    private Secret refreshToken
    private double refreshTokenEnds

    /**
     * Sends nothing yet.
     *
     * @param settings {@code issuer} or {@code token_url}, {@code client_id}, {@code client_secret}; where they differ
     *     from the default also {@code refresh_url}, {@code client_auth} (basic, post or none), {@code scope}
     *     (separated by spaces), {@code api_url}, {@code grant} (client_credentials), {@code debug} (true: one line an
     *     exchange on standard error, with secrets masked). Empty counts as missing.
     * @throws OAuthException {@code config_error}, naming everything that is missing or wrong
     */
    TokenClient(Map<String, ?> settings) {
        Map<String, String> given = [:]
        settings.each { name, value -> if (value) given[name] = value.toString() }
        issuer = given.issuer
        clientId = given.client_id
        clientSecret = given.client_secret ? new Secret(given.client_secret) : null
        clientAuth = given.client_auth
        scope = given.scope?.trim()
        debug = given.debug in ['true', '1']

        List<String> wrong = []
        if (!issuer && !given.token_url) wrong << 'issuer or token_url is missing'
        if (!clientId) wrong << 'client_id is missing'
        if (!clientSecret && clientAuth != 'none') wrong << 'client_secret is missing'
        if (!(clientAuth in [null, 'basic', 'post', 'none'])) wrong << 'client_auth must be basic, post or none'
        if (!(given.grant in [null, 'client_credentials'])) wrong << 'grant must be client_credentials'
        Map<String, URI> urls = [:]
        for (name in ['issuer', 'token_url', 'refresh_url', 'api_url']) {
            urls[name] = secureUrl(given[name])
            if (given[name] && urls[name] == null) wrong << "$name must be an https URL, or http on loopback".toString()
        }
        if (wrong) throw new OAuthException('config_error', "settings: ${wrong.join(', ')}")
        tokenUrl = urls.token_url
        refreshUrl = urls.refresh_url
        apiUrl = urls.api_url
    }

    /** The settings above from {@code OAUTH_ISSUER} and so on, {@code API_URL} and {@code OAUTH_DEBUG=1}. */
    static Map<String, String> settingsFromEnvironment(Map<String, String> environment = System.getenv()) {
        Map<String, String> settings = [api_url: environment.API_URL]
        for (name in ['issuer', 'token_url', 'refresh_url', 'client_id', 'client_secret', 'client_auth', 'scope',
                      'debug']) {
            settings[name] = environment['OAUTH_' + name.toUpperCase(Locale.ROOT)]
        }
        settings
    }

    /**
     * A token that is fit for use: the one at hand or a renewed one.
     *
     * @param minValidity seconds that it must still live; a token that was just issued is given in any case
     * @throws OAuthException if no token was to be had; the next call tries anew
     */
    Token token(double minValidity = 0) {
        tokenThat { Token token -> token.isFit(minValidity) }
    }

    /** A new token, although the one at hand may be fit. Joins a renewal under way. Throws as {@link #token} does. */
    Token renew() {
        tokenThat { Token token -> false }
    }

    /**
     * Sends a request with the token in its Authorization header (RFC 6750, section 2.1). After a 401 the token is
     * renewed once and the request repeated once (section 3.1). Redirects are returned, not followed.
     *
     * @param url relative to {@code api_url}, or of the same origin
     * @throws OAuthException {@code unauthorized} after the second 401, {@code forbidden} after a 403,
     *     {@code config_error} for a URL elsewhere, and what {@link #token} throws
     */
    Answer request(String method, String url, Map<String, String> headers = [:], String body = null) {
        URI target = protectedUrl(url)
        Token token = token()
        Answer answer = send(method, target, headers, body, token)
        if (answer.status == 401) {
            // Another caller may have renewed it meanwhile: only the token that was refused is worth replacing.
            token = tokenThat { Token other -> !other.is(token) }
            answer = send(method, target, headers, body, token)
        }
        if (answer.status == 401) throw unusable('unauthorized', 'also with a renewed token', answer)
        if (answer.status == 403) throw unusable('forbidden', 'the token does not allow this', answer)
        answer
    }

    @Override
    String toString() {
        "TokenClient(client_id=$clientId, client_secret=$clientSecret, token=$current)"
    }

    /** The current token if it will do, else that of the renewal which is under way or starts now. */
    private Token tokenThat(Closure<Boolean> willDo) {
        CompletableFuture<Token> shared
        synchronized (lock) {
            if (current != null && willDo(current)) return current
            shared = renewal ?: startRenewal()
        }
        try {
            return shared.get()
        } catch (ExecutionException e) {
            throw e.cause
        }
    }

    // A thread of its own, so that a caller who is interrupted takes the renewal from nobody.
    private CompletableFuture<Token> startRenewal() {
        CompletableFuture<Token> started = new CompletableFuture<Token>()
        renewal = started
        Thread.startDaemon('token-renewal') {
            Token token = null
            Throwable failure = null
            try {
                token = refreshOrGrant()
            } catch (Throwable e) {
                failure = e
            }
            synchronized (lock) {
                if (token != null) current = token
                renewal = null
            }
            if (failure == null) started.complete(token) else started.completeExceptionally(failure)
        }
        started
    }

    private Token refreshOrGrant() {
        if (tokenUrl == null) discover()
        if (refreshToken != null && Token.clock() < refreshTokenEnds) {
            try {
                // RFC 6749, section 6. Without scope the new token may do what the old one might.
                return requestToken(refreshUrl ?: tokenUrl, current.scope,
                    [grant_type: 'refresh_token', refresh_token: refreshToken.reveal()])
            } catch (OAuthException e) {
                if (e.errorClass != 'invalid_grant') throw e
            }
        }
        refreshToken = null
        // RFC 6749, section 4.4.
        requestToken(tokenUrl, scope ? scope.tokenize() : [],
            [grant_type: 'client_credentials'] + (scope ? [scope: scope] : [:]))
    }

    /** OpenID Connect Discovery 1.0, section 4. */
    private void discover() {
        String url = issuer.replaceFirst('/$', '') + '/.well-known/openid-configuration'
        Answer answer = exchange(HttpRequest.newBuilder(URI.create(url)).header('Accept', 'application/json').build())
        Map<String, ?> metadata = answer.status == 200 ? jsonObject(answer.body) : null
        if (metadata == null) throw unusable('metadata_error', 'not a JSON object of up to 1 MiB', answer)
        // The texts must be identical (section 4.3): another issuer's metadata must not be used.
        if (metadata.issuer != issuer) {
            throw unusable('metadata_error', "its issuer is ${printable(text(metadata.issuer))}, not $issuer", answer)
        }
        URI endpoint = secureUrl(text(metadata.token_endpoint))
        if (endpoint == null) throw unusable('metadata_error', 'its token_endpoint is missing or no https URL', answer)
        Object methods = metadata.token_endpoint_auth_methods_supported
        // Basic is what a server supports that does not say (RFC 8414, section 2).
        boolean noBasic = methods instanceof List && methods && !methods.contains('client_secret_basic')
        clientAuth = clientAuth ?: noBasic ? 'post' : 'basic'
        tokenUrl = endpoint
    }

    private Token requestToken(URI url, List<String> requestedScope, Map<String, String> grant) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url).header('Accept', 'application/json')
            .header('Content-Type', 'application/x-www-form-urlencoded')
        Map<String, String> form = new LinkedHashMap<>(grant)
        switch (clientAuth) {
            case 'none': form.client_id = clientId; break
            case 'post': form.client_id = clientId; form.client_secret = clientSecret.reveal(); break
            default: request.header('Authorization', "Basic ${basicCredentials()}")
        }
        request.POST(BodyPublishers.ofString(form.collect { name, value -> "$name=${encode(value)}" }.join('&')))
        double sentAt = Token.clock()
        Answer answer = exchange(request.build(), form)
        Map<String, ?> json = jsonObject(answer.body)
        if (answer.status < 200 || answer.status > 299) throw refusal(answer, json)
        String problem = problemOf(json)
        if (problem) throw unusable('invalid_response', problem, answer)
        String newRefreshToken = text(json.refresh_token)
        if (newRefreshToken) {
            refreshToken = Secret.ofToken(newRefreshToken)
            // Keycloak says 0 when it sets no limit.
            refreshTokenEnds = sentAt + (seconds(json.refresh_expires_in) ?: Double.POSITIVE_INFINITY)
        }
        new Token(Secret.ofToken((String) json.access_token), sentAt, seconds(json.expires_in),
            text(json.scope)?.tokenize() ?: requestedScope, refreshToken != null, text(json.id_token) != null)
    }

    /** What keeps a 2xx answer from being a token (RFC 6749, sections 5.1 and 7.1); null if nothing does. */
    private static String problemOf(Map<String, ?> json) {
        if (json == null) return 'but not a JSON object of up to 1 MiB'
        if (json.containsKey('error')) return 'but with an error member'
        // Only these characters make up a token (RFC 6749, appendix A.12), and only they fit into a header.
        if (!(text(json.access_token) ==~ /[ -~]+/)) return 'but without an access_token'
        if (!'Bearer'.equalsIgnoreCase(text(json.token_type))) return 'but token_type is not Bearer'
        null
    }

    /** The error that the server reported (RFC 6749, section 5.2). */
    private OAuthException refusal(Answer answer, Map<String, ?> json) {
        String error = text(json?.error)
        String description = error ? text(json.error_description) : null
        String errorClass = answer.status == 429 ? 'rate_limited' : answer.status >= 500 ? 'unavailable'
            : CLASS_OF_OAUTH_ERROR[error] ?: 'invalid_response'
        String said = [error, description].findAll().collect { printable(it) }.join(': ') ?: 'no OAuth error in it'
        new OAuthException(errorClass, "$answer.request: HTTP $answer.status, $said", answer.status,
            printable(error), printable(description))
    }

    private static OAuthException unusable(String errorClass, String why, Answer answer) {
        new OAuthException(errorClass, "$answer.request: HTTP $answer.status, $why", answer.status)
    }

    /** The token goes to the configured API and nowhere else (RFC 9700, section 4.9). */
    private URI protectedUrl(String url) {
        if (apiUrl == null) throw new OAuthException('config_error', 'settings: api_url is missing')
        // A base without a final slash would lose its last path segment.
        URI base = URI.create(bare(apiUrl).replaceFirst('/?$', '/'))
        URI target = null
        try {
            target = URI.create(base.resolve(url).toASCIIString())
        } catch (IllegalArgumentException ignored) {
        }
        if (target == null || target.userInfo || origin(target) != origin(base)) {
            throw new OAuthException('config_error', "the token goes to ${origin(base)} only, not to another URL")
        }
        target
    }

    private Answer send(String method, URI url, Map<String, String> headers, String body, Token token) {
        HttpRequest request
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(url)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            headers.each { name, value -> builder.setHeader(name, value) }
            request = builder.setHeader('Authorization', "Bearer ${token.accessToken.reveal()}").build()
        } catch (IllegalArgumentException ignored) {
            throw new OAuthException('config_error', "$method ${bare(url)}: a method or header that cannot be sent")
        }
        Answer answer = exchange(request)
        if (answer.body == null) throw unusable('invalid_response', "more than $SIZE_LIMIT bytes", answer)
        answer
    }

    /** One exchange, with a null body if it is over the limit. */
    private Answer exchange(HttpRequest request, Map<String, String> form = [:]) {
        String what = "${request.method()} ${bare(request.uri())}"
        double start = Token.clock()
        String end = 'broken off'
        HttpResponse.BodyHandler<String> limited = { new LimitedText(SIZE_LIMIT) }
        CompletableFuture<HttpResponse<String>> response = HTTP.sendAsync(request, limited)
        try {
            // The timeout of HttpRequest would end with the headers.
            HttpResponse<String> whole = response.get(TIME_LIMIT, TimeUnit.SECONDS)
            end = whole.statusCode()
            if (debug && form) end += " access_token=${Secret.ofToken(text(jsonObject(whole.body())?.access_token))}"
            return new Answer(what, whole.statusCode(), whole.headers().map(), whole.body())
        } catch (TimeoutException ignored) {
            end = 'timeout'
            throw new OAuthException('timeout', "$what: no whole answer within $TIME_LIMIT s")
        } catch (ExecutionException e) {
            // The class alone, since messages quote what the server sent.
            end = e.cause.class.simpleName
            throw new OAuthException(e.cause instanceof SSLException ? 'tls' : 'network', "$what: $end")
        } finally {
            response.cancel(true)
            if (debug) {
                String fields = form.collect { name, value -> " $name=${shown(name, value)}" }.join('')
                System.err.println("$what$fields -> $end in ${Math.round((Token.clock() - start) * 1000)} ms")
            }
        }
    }

    private static Object shown(String name, String value) {
        name in ['grant_type', 'scope', 'client_id'] ? value : name == 'client_secret' ? '***' : Secret.ofToken(value)
    }

    /** Id and secret are form-encoded before Base64 (RFC 6749, section 2.3.1). */
    private String basicCredentials() {
        "${encode(clientId)}:${encode(clientSecret.reveal())}".bytes.encodeBase64()
    }

    private static String encode(String value) {
        URLEncoder.encode(value, UTF_8)
    }

    /** A server's text without control characters, cut, and without the secrets that it may have echoed. */
    private String printable(String text) {
        if (text == null) return null
        String shown = text
        for (secret in [clientSecret, refreshToken, current?.accessToken]) {
            if (secret != null) shown = shown.replace(secret.reveal(), '***').replace(encode(secret.reveal()), '***')
        }
        if (clientSecret != null) shown = shown.replace(basicCredentials(), '***')
        shown.replaceAll(/\p{Cc}/, ' ').take(200)
    }

    /**
     * The object that a JSON text is; null if it is anything else. JsonSlurperClassic, because JsonSlurper makes large
     * numbers negative; in brackets, because both ignore what follows the first value; without the exception, because
     * its message quotes the text.
     */
    private static Map<String, ?> jsonObject(String json) {
        try {
            List<?> values = (List<?>) new JsonSlurperClassic().parseText("[$json]")
            return values.size() == 1 && values[0] instanceof Map ? (Map<String, ?>) values[0] : null
        } catch (Exception | StackOverflowError ignored) {
            return null
        }
    }

    private static String text(Object value) {
        value instanceof String ? value ?: null : null
    }

    /** A number of seconds, which some servers send as text; null for what is none. */
    private static Double seconds(Object value) {
        if (!(value instanceof Number || value instanceof String)) return null
        try {
            double number = new BigDecimal(value.toString().trim()).doubleValue()
            return number >= 0 && number < Double.POSITIVE_INFINITY ? number : null
        } catch (NumberFormatException ignored) {
            return null
        }
    }

    /** Null unless it is https, since credentials go there (RFC 6749, section 3.2); on loopback nobody listens in. */
    private static URI secureUrl(String url) {
        try {
            URI uri = new URI(url ?: '')
            boolean loopback = uri.host ==~ /(?i)localhost|127(\.\d{1,3}){3}|\[::1]/
            boolean secure = uri.scheme == 'https' || uri.scheme == 'http' && loopback
            return secure && uri.host && !uri.userInfo ? uri : null
        } catch (URISyntaxException ignored) {
            return null
        }
    }

    private static String origin(URI url) {
        int port = url.port >= 0 ? url.port : url.scheme == 'https' ? 443 : 80
        "$url.scheme://$url.host:$port".toLowerCase(Locale.ROOT)
    }

    /** A URL for messages: a query may hold what should not be shown. */
    private static String bare(URI url) {
        url.toString().replaceFirst('[?#].*', '')
    }
}

/** An access token and what the server said of it (RFC 6749, section 5.1). Printing it shows a hash only. */
@CompileStatic
class Token {
    /** Its text: {@code accessToken.reveal()}. */
    final Secret accessToken
    final String tokenType = 'Bearer'
    /** What was granted. */
    final List<String> scope
    final boolean hasRefreshToken
    final boolean hasIdToken
    private final double sentAt
    private final Double lifetime

    /**
     * @param sentAt when it was asked for, by {@link #clock}
     * @param lifetime in seconds, null if the server did not say
     */
    Token(Secret accessToken, double sentAt, Double lifetime, List<String> scope, boolean hasRefreshToken,
          boolean hasIdToken) {
        this.accessToken = accessToken
        this.sentAt = sentAt
        this.lifetime = lifetime
        this.scope = scope.asImmutable()
        this.hasRefreshToken = hasRefreshToken
        this.hasIdToken = hasIdToken
    }

    /** Seconds left, null if the server did not say. */
    Double getExpiresIn() {
        lifetime == null ? null : Math.max(0d, lifetime - (clock() - sentAt))
    }

    /** Whether it lives for more than {@code minValidity} seconds, and is not so near its end that it is renewed. */
    boolean isFit(double minValidity = 0) {
        lifetime == null || expiresIn > Math.max(minValidity, Math.min(TokenClient.MARGIN, lifetime / 10d))
    }

    @Override
    String toString() {
        "Token(access_token=$accessToken, expires_in=$expiresIn, scope=${scope.join(' ')})"
    }

    /** Seconds on a clock that nobody sets. */
    static double clock() {
        System.nanoTime() / 1e9d
    }
}

/** A text that prints as something else. */
@CompileStatic
class Secret {
    // A closure, because Groovy's properties and dump() list private fields too.
    private final Closure<String> text
    /** What it prints as. */
    final String shown

    Secret(String text, String shown = '***') {
        this.text = { text }
        this.shown = shown
    }

    /** A secret that prints as the first 8 hexadecimal digits of its SHA-256, which tell one token from another. */
    static Secret ofToken(String text) {
        text == null ? null : new Secret(text, "***sha256:${text.sha256().take(8)}")
    }

    String reveal() {
        text.call()
    }

    @Override
    String toString() {
        shown
    }
}

/** An HTTP answer. */
@CompileStatic
class Answer {
    /** Method and URL that it answers. */
    final String request
    final int status
    final Map<String, List<String>> headers
    final String body

    Answer(String request, int status, Map<String, List<String>> headers, String body) {
        this.request = request
        this.status = status
        this.headers = headers
        this.body = body
    }
}

/** The one exception of this client. Its message holds no body, token or secret, and it has no cause that could. */
@CompileStatic
class OAuthException extends RuntimeException {
    private static final Map<String, String> ADVICE = [
        config_error: 'check the settings',
        invalid_client: 'check client_id, client_secret and client_auth',
        invalid_grant: 'ask for a new token',
        invalid_scope: 'check scope',
        access_denied: 'ask the operator of the server',
        metadata_error: 'check issuer',
        invalid_response: 'check the URL',
        rate_limited: 'wait before the next try',
        unavailable: 'try again later',
        unauthorized: 'check whether the API accepts tokens of this server',
        forbidden: 'check scope and the rights of the client',
        timeout: 'check the URL or try again later',
        network: 'check the URL or try again later',
        tls: "check the server's certificate",
    ]

    /** One of the words above: what to do about it. */
    final String errorClass
    /** The server's {@code error} and {@code error_description} (RFC 6749, section 5.2), or null. */
    final String oauthError, oauthDescription
    /** Null if there was no answer. */
    final Integer httpStatus

    OAuthException(String errorClass, String message, Integer httpStatus = null, String oauthError = null,
                   String oauthDescription = null) {
        super("$errorClass: $message; ${ADVICE[errorClass]}")
        this.errorClass = errorClass
        this.httpStatus = httpStatus
        this.oauthError = oauthError
        this.oauthDescription = oauthDescription
    }
}

/** Collects a body as UTF-8 text; null if it is longer than the limit. */
@CompileStatic
class LimitedText implements HttpResponse.BodySubscriber<String> {
    private final int limit
    private final CompletableFuture<String> text = new CompletableFuture<>()
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream()
    private Flow.Subscription subscription

    LimitedText(int limit) {
        this.limit = limit
    }

    @Override
    CompletableFuture<String> getBody() {
        text
    }

    @Override
    void onSubscribe(Flow.Subscription subscription) {
        this.subscription = subscription
        subscription.request(Long.MAX_VALUE)
    }

    @Override
    void onNext(List<ByteBuffer> buffers) {
        for (buffer in buffers) {
            byte[] chunk = new byte[buffer.remaining()]
            buffer.get(chunk)
            bytes.write(chunk)
        }
        if (bytes.size() > limit) {
            subscription.cancel()
            text.complete(null)
        }
    }

    @Override
    void onError(Throwable error) {
        text.completeExceptionally(error)
    }

    @Override
    void onComplete() {
        text.complete(bytes.toString(UTF_8))
    }
}

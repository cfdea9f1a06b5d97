// SPDX-License-Identifier: MIT-0
//
// An OAuth 2.0 client that keeps one token: gets it, renews it when it is due, and sends requests with it. It logs
// people in, verifies ID tokens, and shares a token file with other processes and languages.
// Copy this file and build on it. It needs JDK 17, Groovy 4 and groovy-json.

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpHandler
import com.sun.net.httpserver.HttpServer
import groovy.io.LineColumnReader
import groovy.json.JsonOutput
import groovy.json.JsonSlurperClassic
import groovy.transform.CompileStatic
import groovy.transform.MapConstructor
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.charset.CharacterCodingException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.LinkOption
import java.nio.file.NoSuchFileException
import java.nio.file.OpenOption
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.nio.file.StandardOpenOption
import java.nio.file.attribute.PosixFileAttributeView
import java.nio.file.attribute.PosixFileAttributes
import java.nio.file.attribute.PosixFilePermission
import java.nio.file.attribute.PosixFilePermissions
import java.security.GeneralSecurityException
import java.security.KeyFactory
import java.security.MessageDigest
import java.security.SecureRandom
import java.security.Signature
import java.security.spec.RSAPublicKeySpec
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executors
import java.util.concurrent.Flow
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import java.util.concurrent.atomic.AtomicBoolean
import java.util.function.BiConsumer
import java.util.regex.Matcher
import java.util.regex.Pattern
import javax.net.ssl.SSLException

import static java.nio.charset.StandardCharsets.ISO_8859_1
import static java.nio.charset.StandardCharsets.US_ASCII
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
    private final Settings settings
    private final AuthorizationServer server
    private final OpenId openId
    private final TokenStore store

    private final Object lock = new Object()
    private Token current
    private CompletableFuture<Token> renewal

    /**
     * Sends nothing yet.
     *
     * @param settings by name, empty counts as missing: {@code issuer} or {@code token_url} (which may hold id and
     *     secret), {@code client_id}, {@code client_secret}; where they differ from the default also {@code grant}
     *     (client_credentials; authorization_code, password), {@code refresh_url}, {@code authorize_url},
     *     {@code userinfo_url}, {@code jwks_url}, {@code client_auth} (basic, post or none), {@code scope} (separated
     *     by spaces), {@code username} and {@code password} (for the grant password), {@code redirect_port} (of the
     *     login's listener; default: any free one), {@code token_file} (where tokens stay; default: in memory),
     *     {@code api_url}, {@code debug} (true: one line an exchange on standard error, with secrets masked).
     * @throws OAuthException {@code config_error}, naming everything that is missing or wrong
     */
    TokenClient(Map<String, ?> settings) {
        this.settings = new Settings(settings)
        server = new AuthorizationServer(this.settings)
        openId = new OpenId(server)
        store = this.settings.tokenFile ? new TokenFile(this.settings.tokenFile, this.settings.key) : new MemoryStore()
    }

    /**
     * The settings above from {@code OAUTH_ISSUER} and so on, {@code API_URL} and {@code OAUTH_DEBUG=1}; the grant is
     * the program's to choose.
     */
    static Map<String, String> settingsFromEnvironment(Map<String, String> environment = System.getenv()) {
        Map<String, String> settings = [api_url: environment.API_URL]
        for (name in ['issuer', 'token_url', 'refresh_url', 'authorize_url', 'userinfo_url', 'jwks_url', 'client_id',
                      'client_secret', 'client_auth', 'scope', 'username', 'password', 'redirect_port', 'token_file',
                      'debug']) {
            settings[name] = environment['OAUTH_' + name.toUpperCase(Locale.ROOT)]
        }
        settings
    }

    /**
     * A token that is fit for use: the one at hand, the stored one, or a renewed one.
     *
     * @param minValidity seconds that it must still live; a token that was just issued is given in any case
     * @throws OAuthException if no token was to be had; the next call tries anew. {@code login_required}: only a person
     *     can help, see {@link #startLogin}
     */
    Token token(double minValidity = 0) {
        tokenThat(false, minValidity) { Token token -> token.isFit(minValidity) }
    }

    /** A new token, although the one at hand may be fit. Joins a renewal under way. Throws as {@link #token} does. */
    Token renew() {
        tokenThat(true) { Token token -> false }
    }

    /**
     * Begins a person's login (RFC 6749, section 4.1, with PKCE): listens on 127.0.0.1 for the browser to come back.
     *
     * <pre>
     * def login = client.startLogin()
     * println "Log in at $login.authorizationUrl"
     * login.openBrowser()
     * login.finish()
     * </pre>
     *
     * @throws OAuthException {@code config_error}, and what discovery throws
     */
    Login startLogin() {
        if (settings.grant != 'authorization_code') {
            throw OAuthException.config('settings: a login needs the grant authorization_code')
        }
        new Login(server, openId, { Token token -> accept(token) })
    }

    /**
     * What UserInfo says of the person who logged in (OpenID Connect Core 1.0, section 5.3): claims by name, as they
     * came.
     *
     * @throws OAuthException {@code config_error} without an ID token, {@code invalid_userinfo} if it is about somebody
     *     else, {@code unauthorized}, {@code forbidden}, and what {@link #token} throws
     */
    Map<String, ?> userInfo() {
        openId.userInfo(token())
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
            token = tokenThat(true) { Token other -> !other.is(token) }
            answer = send(method, target, headers, body, token)
        }
        if (answer.status == 401) throw answer.unusable('unauthorized', 'also with a renewed token')
        if (answer.status == 403) throw answer.unusable('forbidden', 'the token does not allow this')
        answer
    }

    @Override
    String toString() {
        "TokenClient(client_id=$settings.clientId, client_secret=$settings.clientSecret, token=$current)"
    }

    /** The current token if it will do, else that of the renewal which is under way or starts now. */
    private Token tokenThat(boolean force, double minValidity = 0, Closure<Boolean> willDo) {
        CompletableFuture<Token> shared
        synchronized (lock) {
            if (current != null && willDo(current)) return current
            shared = renewal ?: startRenewal(current, force, minValidity)
        }
        try {
            return shared.get()
        } catch (ExecutionException e) {
            throw e.cause
        }
    }

    // A thread of its own, so that a caller who is interrupted takes the renewal from nobody.
    private CompletableFuture<Token> startRenewal(Token known, boolean force, double minValidity) {
        CompletableFuture<Token> started = new CompletableFuture<Token>()
        renewal = started
        Thread.startDaemon('token-renewal') {
            Token token = null
            Throwable failure = null
            try {
                token = (Token) store.lease { next(known, force, minValidity) }
            } catch (Throwable e) {
                failure = e
            }
            synchronized (lock) {
                // A login may have brought another one meanwhile.
                if (token != null && current.is(known)) current = token
                renewal = null
            }
            if (failure == null) started.complete(token) else started.completeExceptionally(failure)
        }
        started
    }

    /** What a login has brought, stored before it is used. */
    private Token accept(Token token) {
        store.lease { store.save(token, store.load(), null) }
        synchronized (lock) {
            current = token
        }
        token
    }

    /** The next token: one that somebody else has stored, else by the refresh token, else by the grant. */
    private Token next(Token known, boolean force, double minValidity) {
        Held held = store.load()
        Token stored = held.token
        if (stored == null) return startOver(held)
        boolean another = stored.accessToken.reveal() != known?.accessToken?.reveal()
        if (another && (known != null || !force) && stored.isFit(minValidity)) return stored
        stored.canRefresh() ? refresh(held) : startOver(held)
    }

    /** RFC 6749, section 6. Without scope the new token may do what the old one might. */
    private Token refresh(Held held) {
        Token old = held.token
        if (held.refreshSentAt != null) {
            System.err.println('WARNING: a refresh was sent before whose answer nobody has seen; the login may be over')
        }
        // Written before it is sent: who finds this mark knows that the refresh token may be spent.
        Held marked = store.save(old, held, Token.wallClock())
        if (marked == null) return stored()
        try {
            Token token = server.requestToken(server.refreshUrl(), old.scope,
                [grant_type: 'refresh_token', refresh_token: old.refreshToken.reveal()])
            verifyIdToken(token, old)
            return keep(token.after(old), marked)
        } catch (OAuthException e) {
            if (e.errorClass == 'invalid_grant') return startOver(store.save(null, marked, null) ?: store.load(), e)
            // Without an answer the refresh token may be spent; otherwise it is as good as it was.
            if (e.delivery != 'no_answer') store.save(old, marked, null)
            throw e
        }
    }

    /** The grant again, exactly once; after a refused refresh token perhaps. */
    private Token startOver(Held held, OAuthException refusal = null) {
        Map<String, String> form = [grant_type: settings.grant]
        switch (settings.grant) {
            case 'authorization_code':
                // RFC 6749, section 4.1: only the person can start over, and nothing opens a browser unasked.
                String why = refusal == null ? '' : "; $refusal.message"
                throw new OAuthException('login_required', "nobody is logged in, or the login has run out$why",
                    refusal?.httpStatus, refusal?.oauthError, refusal?.oauthDescription)
            case 'password':
                form += [username: settings.username, password: settings.password.reveal()] // RFC 6749, section 4.3
        }
        if (settings.scope) form.scope = settings.scope
        Token token = server.requestToken(server.tokenUrl(), settings.scopes, form)
        verifyIdToken(token, null)
        keep(token, held)
    }

    // A service has no user, and nothing reads its ID token.
    private void verifyIdToken(Token token, Token old) {
        if (token.idToken != null && settings.issuer && settings.grant != 'client_credentials') {
            openId.verify(token, null, old?.idToken)
        }
    }

    /** Stored before it is used: a token that was used but not saved is lost with its process. */
    private Token keep(Token token, Held held) {
        store.save(token, held, null)
        token
    }

    /** Somebody else has stored tokens in spite of the lock: what was to be sent may be spent. */
    private Token stored() {
        Token theirs = store.load().token
        if (theirs != null && theirs.isFit()) return theirs
        throw new OAuthException('unavailable', 'somebody else is renewing the stored tokens')
    }

    /** The token goes to the configured API and nowhere else (RFC 9700, section 4.9). */
    private URI protectedUrl(String url) {
        if (settings.urls.api_url == null) throw OAuthException.config('settings: api_url is missing')
        // A base without a final slash would lose its last path segment.
        URI base = URI.create(Http.bare(settings.urls.api_url).replaceFirst('/?$', '/'))
        URI target = null
        try {
            target = URI.create(base.resolve(url).toASCIIString())
        } catch (IllegalArgumentException ignored) {
        }
        if (target == null || target.userInfo || Http.origin(target) != Http.origin(base)) {
            throw OAuthException.config("the token goes to ${Http.origin(base)} only, not to another URL")
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
            throw OAuthException.config("$method ${Http.bare(url)}: a method or header that cannot be sent")
        }
        Answer answer = Http.exchange(request, settings.debug)
        if (answer.body == null) throw answer.unusable('invalid_response', "more than $Http.SIZE_LIMIT bytes")
        answer
    }
}

/** Settings that were checked; secrets in them do not print. */
@CompileStatic
class Settings {
    private static final List<String> URLS = ['issuer', 'token_url', 'refresh_url', 'authorize_url', 'userinfo_url',
                                              'jwks_url', 'api_url']

    final String grant, issuer, clientId, clientAuth, scope, username, tokenFile
    final Secret clientSecret, password
    final int redirectPort
    final boolean debug
    /** By the settings' names; null where not set. */
    final Map<String, URI> urls = [:]
    private final String server

    Settings(Map<String, ?> settings) {
        Map<String, String> given = [:]
        settings.each { name, value -> if (value) given[name] = value.toString() }
        takeCredentials(given)
        grant = given.grant ?: 'client_credentials'
        issuer = given.issuer
        clientId = given.client_id
        clientSecret = given.client_secret ? new Secret(given.client_secret) : null
        // A login without a secret is a public client's (RFC 6749, section 2.1).
        clientAuth = given.client_auth ?: (grant == 'authorization_code' && !clientSecret ? 'none' : null)
        scope = given.scope?.trim()
        username = given.username
        password = given.password ? new Secret(given.password) : null
        tokenFile = given.token_file
        debug = given.debug in ['true', '1']
        server = issuer ?: given.token_url

        List<String> wrong = []
        if (!server) wrong << 'issuer or token_url is missing'
        boolean login = grant == 'authorization_code'
        if (login && !issuer && !given.authorize_url) wrong << 'issuer or authorize_url is missing'
        if (!clientId) wrong << 'client_id is missing'
        if (!clientSecret && clientAuth != 'none') wrong << 'client_secret is missing'
        if (clientSecret && clientAuth == 'none') wrong << 'client_secret is set, but client_auth is none'
        if (!(given.client_auth in [null, 'basic', 'post', 'none'])) wrong << 'client_auth must be basic, post or none'
        if (grant == 'password' && !username) wrong << 'username is missing'
        if (grant == 'password' && !password) wrong << 'password is missing'
        if (!(grant in ['client_credentials', 'authorization_code', 'password'])) {
            wrong << 'grant must be client_credentials, authorization_code or password'
        }
        String port = given.redirect_port ?: '0'
        redirectPort = port ==~ /\d{1,5}/ ? port as int : -1
        if (redirectPort < 0 || redirectPort > 65535) wrong << 'redirect_port must be a port number'
        for (name in URLS) {
            urls[name] = Http.secureUrl(given[name])
            if (given[name] && urls[name] == null) wrong << "$name must be an https URL, or http on loopback".toString()
        }
        if (wrong) throw OAuthException.config("settings: ${wrong.join(', ')}")
    }

    /**
     * Some servers' manuals print credentials in the token endpoint's URL; they belong into the header alone (RFC 9110,
     * section 4.2.4).
     */
    private static void takeCredentials(Map<String, String> given) {
        def url = given.token_url =~ /(?is)(https?:\/\/)([^\/?#]*)@(.*)/
        if (!given.token_url || !url.matches()) return
        List<String> credentials = url.group(2).split(':', 2).collect { Text.decoded(it.replace('+', '%2B')) }
        given.token_url = url.group(1) + url.group(3)
        // A secret belongs to the id that it stands beside.
        boolean others = given.client_id && given.client_id != credentials[0]
        given.client_id = given.client_id ?: credentials[0]
        if (!credentials[1]) return
        given.client_auth = given.client_auth ?: 'basic'
        if (!others) given.client_secret = given.client_secret ?: credentials[1]
    }

    List<String> getScopes() {
        scope ? scope.tokenize() : []
    }

    /** Where the tokens stand in the token file. */
    String getKey() {
        TokenFile.key(server, clientId, grant, grant == 'password' ? username : '', scope ?: '')
    }
}

/** The server that issues tokens, as settings and metadata describe it. */
@CompileStatic
class AuthorizationServer {
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

    final Settings settings
    private Map<String, ?> known

    AuthorizationServer(Settings settings) {
        this.settings = settings
    }

    /** OpenID Connect Discovery 1.0, section 4; asked for once. Empty without an issuer. */
    synchronized Map<String, ?> metadata() {
        String issuer = settings.issuer
        if (known != null || !issuer) return known ?: [:]
        String url = issuer.replaceFirst('/$', '') + '/.well-known/openid-configuration'
        Answer answer = get(URI.create(url))
        Map<String, ?> metadata = answer.status == 200 ? Json.object(answer.body) : null
        if (metadata == null) throw answer.unusable('metadata_error', 'not a JSON object of up to 1 MiB')
        // The texts must be identical (section 4.3): another issuer's metadata must not be used.
        if (metadata.issuer != issuer) {
            String other = Text.printable(Json.text(metadata.issuer))
            throw answer.unusable('metadata_error', "its issuer is $other, not $issuer")
        }
        known = metadata
    }

    /** An endpoint by its setting's name, else by its name in the metadata. */
    URI endpoint(String setting, String member) {
        if (settings.urls[setting] != null) return settings.urls[setting]
        String said = Json.text(metadata()[member])
        if (!said) {
            String where = settings.issuer ? ", and the metadata of $settings.issuer have no $member" : ''
            throw OAuthException.config("settings: $setting is missing$where")
        }
        URI url = Http.secureUrl(said)
        boolean safe = url != null && (url.scheme == 'https' || settings.urls.issuer.scheme == 'http')
        if (!safe) throw new OAuthException('metadata_error', "the $member of $settings.issuer is no https URL")
        url
    }

    URI tokenUrl() {
        if (settings.urls.token_url == null && !Json.text(metadata().token_endpoint)) {
            throw new OAuthException('metadata_error', "the metadata of $settings.issuer have no token_endpoint")
        }
        endpoint('token_url', 'token_endpoint')
    }

    URI refreshUrl() {
        settings.urls.refresh_url ?: tokenUrl()
    }

    /** GET of a JSON document. */
    Answer get(URI url, Map<String, String> headers = [:]) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url).header('Accept', 'application/json')
        headers.each { name, value -> request.header(name, value) }
        Http.exchange(request.build(), settings.debug)
    }

    /**
     * One request to the token endpoint (RFC 6749, section 3.2).
     *
     * @param requestedScope what the token may do if the server does not say (section 5.1)
     */
    Token requestToken(URI url, List<String> requestedScope, Map<String, String> grant) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url).header('Accept', 'application/json')
            .header('Content-Type', 'application/x-www-form-urlencoded')
        Map<String, String> form = new LinkedHashMap<>(grant)
        switch (clientAuth()) {
            case 'none': form.client_id = settings.clientId; break
            case 'post': form.client_id = settings.clientId; form.client_secret = settings.clientSecret.reveal(); break
            default: request.header('Authorization', "Basic ${basicCredentials()}")
        }
        request.POST(BodyPublishers.ofString(form.collect { name, value -> "$name=${Text.encode(value)}" }.join('&')))
        double issuedAt = Token.wallClock()
        double sentAt = Token.clock()
        Answer answer = Http.exchange(request.build(), settings.debug, form)
        Map<String, ?> json = Json.object(answer.body)
        if (answer.status < 200 || answer.status > 299) throw refusal(answer, json, form)
        String problem = problemOf(json)
        if (problem) throw answer.unusable('invalid_response', problem)
        new Token(accessToken: Secret.ofToken((String) json.access_token),
            scope: Json.text(json.scope)?.tokenize() ?: requestedScope,
            issuedAt: issuedAt, sentAt: sentAt, lifetime: Json.seconds(json.expires_in),
            refreshToken: Secret.ofToken(Json.text(json.refresh_token)),
            // Keycloak says 0 when it sets no limit.
            refreshLifetime: Json.seconds(json.refresh_expires_in) ?: null,
            idToken: Secret.ofToken(Json.text(json.id_token)))
    }

    private String clientAuth() {
        Object methods = known?.token_endpoint_auth_methods_supported
        // Basic is what a server supports that does not say (RFC 8414, section 2).
        boolean noBasic = methods instanceof List && methods && !methods.contains('client_secret_basic')
        settings.clientAuth ?: noBasic ? 'post' : 'basic'
    }

    /** What keeps a 2xx answer from being a token (RFC 6749, sections 5.1 and 7.1); null if nothing does. */
    private static String problemOf(Map<String, ?> json) {
        if (json == null) return 'but not a JSON object of up to 1 MiB'
        if (json.containsKey('error')) return 'but with an error member'
        // Only these characters make up a token (RFC 6749, appendix A.12), and only they fit into a header.
        if (!(Json.text(json.access_token) ==~ /[ -~]+/)) return 'but without an access_token'
        if (!'Bearer'.equalsIgnoreCase(Json.text(json.token_type))) return 'but token_type is not Bearer'
        null
    }

    /** The error that the server reported (RFC 6749, section 5.2). */
    private OAuthException refusal(Answer answer, Map<String, ?> json, Map<String, String> form) {
        String word = Json.text(json?.error)
        String error = harmless(word, form)
        String description = error ? harmless(Json.text(json.error_description), form) : null
        String errorClass = answer.status == 429 ? 'rate_limited' : answer.status >= 500 ? 'unavailable'
            : CLASS_OF_OAUTH_ERROR[word] ?: 'invalid_response'
        String said = [error, description].findAll().join(': ') ?: 'no OAuth error in it'
        new OAuthException(errorClass, "$answer.request: HTTP $answer.status, $said", answer.status, error, description,
            answer.delivery)
    }

    /**
     * The error that a challenge reports (RFC 6750, section 3).
     *
     * @param otherwise what to say if there is none
     */
    OAuthException refusal(Answer answer, String errorClass, String otherwise, Token token) {
        Map<String, String> challenge = Challenge.bearer(answer.headers['WWW-Authenticate'])
        Map<String, String> sent = [access_token: token.accessToken.reveal()]
        String error = harmless(challenge.error ?: null, sent)
        String description = harmless(challenge.error_description ?: null, sent)
        String said = [error, description].findAll().join(': ') ?: otherwise
        new OAuthException(errorClass, "$answer.request: HTTP $answer.status, $said", answer.status, error, description,
            answer.delivery)
    }

    /** A server's text without the secrets that it may have echoed. */
    private String harmless(String text, Map<String, String> form) {
        if (text == null) return null
        List<String> secrets = []
        form.each { name, value -> if (!(name in Http.SHOWN) && name != 'username') secrets << value }
        if (settings.clientSecret != null) secrets += [settings.clientSecret.reveal(), basicCredentials()]
        Text.printable(secrets.inject(text) { String shown, String secret ->
            shown.replace(secret, '***').replace(Text.encode(secret), '***')
        })
    }

    /** Id and secret are form-encoded before Base64 (RFC 6749, section 2.3.1). */
    private String basicCredentials() {
        String secret = settings.clientSecret.reveal()
        "${Text.encode(settings.clientId)}:${Text.encode(secret)}".bytes.encodeBase64()
    }
}

/**
 * A person's login that is under way (RFC 6749, section 4.1; RFC 7636; RFC 8252). Its state, verifier and nonce are for
 * this one alone.
 */
@CompileStatic
class Login {
    /** Seconds that the browser is waited for, from the start. */
    static final int TIME_LIMIT = 300

    private static final List<String> JUDGED = ['state', 'iss', 'error', 'error_description', 'code']
    private static final Map<String, String> CLASS_OF_ERROR = [
        access_denied: 'access_denied',
        invalid_scope: 'invalid_scope',
        // OpenID Connect Core 1.0, section 3.1.2.6: what could not be done without the person.
        login_required: 'login_required',
        interaction_required: 'login_required',
        consent_required: 'login_required',
        account_selection_required: 'login_required',
        temporarily_unavailable: 'unavailable',
        server_error: 'unavailable',
        unauthorized_client: 'invalid_client',
    ]

    /** Where the person has to go. It shows state and nonce: for a screen, not for a log. */
    final String authorizationUrl
    private final AuthorizationServer server
    private final OpenId openId
    private final Closure<Token> accept
    private final Secret state = Secret.random(), verifier = Secret.random(), nonce
    private final boolean issuerPromised
    private final HttpServer listener
    private final String authority, redirectUri
    private final AtomicBoolean answered = new AtomicBoolean(), finished = new AtomicBoolean()
    private final CompletableFuture<String> code = new CompletableFuture<String>()
    private final CompletableFuture<String> ended

    /** Listens from now on. @param accept gets the token that the login brings, and gives it back once it is stored */
    Login(AuthorizationServer server, OpenId openId, Closure<Token> accept) {
        this.server = server
        this.openId = openId
        this.accept = accept
        Settings settings = server.settings
        nonce = 'openid' in settings.scopes ? Secret.random() : null
        if (nonce != null && !settings.issuer) throw OAuthException.config(OpenId.NO_ISSUER)
        URI endpoint = server.endpoint('authorize_url', 'authorization_endpoint')
        // RFC 9207, section 3.
        issuerPromised = server.metadata().authorization_response_iss_parameter_supported == true
        listener = listen(settings.redirectPort)
        authority = "127.0.0.1:$listener.address.port"
        redirectUri = "http://$authority/callback"
        authorizationUrl = urlAt(endpoint)
        code.orTimeout(TIME_LIMIT, TimeUnit.SECONDS)
        // Complete only when the port is closed, however the login ends.
        BiConsumer<String, Throwable> close = { String text, Throwable error -> listener.stop(0) }
        ended = code.whenComplete(close)
    }

    /**
     * Waits for the person, redeems the code (RFC 6749, section 4.1.3) and verifies the ID token. Possible once,
     * however it ends.
     *
     * @param callbackUrl where the browser ended, if the person brings it; else the listener waits for the browser
     * @throws OAuthException what the callback says; {@code timeout} if nobody came within {@link #TIME_LIMIT} seconds;
     *     {@code state_mismatch}, {@code issuer_mismatch}, {@code invalid_id_token}; {@code login_required} the second
     *     time
     */
    Token finish(String callbackUrl = null) {
        if (!finished.compareAndSet(false, true)) {
            throw new OAuthException('login_required', 'this login was finished before')
        }
        if (callbackUrl != null) end { codeIn(parametersOf(callbackUrl)) }
        Settings settings = server.settings
        // The verifier shows that the code was meant for this program (RFC 7636, section 4.5).
        Token token = server.requestToken(server.tokenUrl(), settings.scopes, [grant_type: 'authorization_code',
            code: awaited(), redirect_uri: redirectUri, code_verifier: verifier.reveal()])
        if (nonce != null) openId.verify(token, nonce, null)
        accept(token)
    }

    /** Gives up and closes the port. Who waits in {@link #finish} gets {@code login_required}. */
    void cancel() {
        finished.set(true)
        end { throw new OAuthException('login_required', 'the login was cancelled') }
    }

    /**
     * Opens the authorization URL in the system's browser (RFC 8252, section 8.12), or with the program that BROWSER
     * names.
     *
     * @return whether the program started; show the URL as text, too
     */
    boolean openBrowser() {
        String system = System.getProperty('os.name')
        List<String> opener = System.getenv('BROWSER') ? [System.getenv('BROWSER')] : system.startsWith('Windows') ?
            ['rundll32', 'url.dll,FileProtocolHandler'] : system.startsWith('Mac') ? ['open'] : ['xdg-open']
        try {
            ProcessBuilder browser = new ProcessBuilder(opener + [authorizationUrl])
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD)
            // A browser has no use for the client's secret.
            browser.environment().keySet().removeIf { String name -> name.startsWith('OAUTH_') }
            browser.start()
            return true
        } catch (IOException ignored) {
            return false
        }
    }

    @Override
    String toString() {
        "Login(redirect_uri=$redirectUri)"
    }

    private String awaited() {
        try {
            return ended.get()
        } catch (ExecutionException e) {
            if (!(e.cause instanceof TimeoutException)) throw e.cause
            throw new OAuthException('timeout', "login: nobody came back from the browser within $TIME_LIMIT s")
        }
    }

    private void end(Closure<String> judge) {
        try {
            code.complete(judge())
        } catch (OAuthException e) {
            code.completeExceptionally(e)
        }
    }

    /**
     * RFC 6749, section 4.1.1; RFC 7636, section 4.3. The endpoint's own query is kept (section 3.1), and no parameter
     * occurs twice.
     */
    private String urlAt(URI endpoint) {
        Settings settings = server.settings
        Map<String, String> own = [response_type: 'code', client_id: settings.clientId, redirect_uri: redirectUri]
        if (settings.scope) own.scope = settings.scope
        own += [state: state.reveal(), code_challenge: challenge(), code_challenge_method: 'S256']
        if (nonce != null) own.nonce = nonce.reveal()
        List<String> kept = (endpoint.rawQuery ?: '').tokenize('&').findAll { !(Text.parameter(it)[0] in own) }
        String query = (kept + own.collect { name, value -> "$name=${Text.encode(value)}".toString() }).join('&')
        "${Http.bare(endpoint)}?$query"
    }

    private String challenge() {
        Text.base64Url(MessageDigest.getInstance('SHA-256').digest(verifier.reveal().getBytes(US_ASCII)))
    }

    /** On loopback alone, and by its address: localhost may mean another one (RFC 8252, sections 7.3 and 8.3). */
    private HttpServer listen(int port) {
        HttpServer server
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName('127.0.0.1'), port), 0)
        } catch (BindException ignored) {
            throw OAuthException.config("port $port on 127.0.0.1 is busy or forbidden: set another redirect_port")
        }
        HttpHandler handler = { HttpExchange exchange -> answer(exchange) }
        server.createContext('/', handler)
        // Whoever sends half a request must not keep the others from being answered.
        server.executor = Executors.newCachedThreadPool { Runnable work ->
            new Thread(work, 'login').tap { daemon = true }
        }
        // The server's own thread takes after the one that starts it: it is not to keep the program alive.
        Thread.startDaemon { server.start() }.join()
        server
    }

    private void answer(HttpExchange exchange) {
        try {
            String[] target = exchange.requestURI.toString().split(/\?/, 2)
            Map<String, List<String>> parameters = Text.parameters(target.length > 1 ? target[1] : '')
            // A page whose name was pointed at 127.0.0.1 (DNS rebinding) says so in Host.
            if (exchange.requestHeaders.getFirst('Host') != authority) {
                show(exchange, 400, 'This address belongs to a login.')
            } else if (target[0] != '/callback') {
                show(exchange, 404, 'Nothing is here.')
            } else if (exchange.requestMethod != 'GET') {
                exchange.responseHeaders.set('Allow', 'GET')
                show(exchange, 405, 'Only GET is answered here.')
            } else if (!carriesState(parameters)) {
                show(exchange, 400, 'This does not belong to the login that is under way. It goes on.')
            } else if (!answered.compareAndSet(false, true)) {
                show(exchange, 410, 'This login was answered before.')
            } else {
                endWith(exchange, parameters)
            }
        } finally {
            exchange.close()
        }
    }

    private void endWith(HttpExchange exchange, Map<String, List<String>> parameters) {
        try {
            String text = codeIn(parameters)
            show(exchange, 200, 'You have logged in. Close this window and go back to the program.')
            exchange.close()
            end { text }
        } catch (OAuthException e) {
            show(exchange, 400, e.message)
            exchange.close()
            end { throw e }
        }
    }

    // The page's address holds the code: it must not reach a cache, a Referer or anything the page loads (RFC 9700,
    // section 4.2.4).
    private static void show(HttpExchange exchange, int status, String text) {
        String safe = text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;').replace('"', '&quot;')
        String head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Login</title>'
        byte[] page = "$head<p>$safe</p></html>".getBytes(UTF_8)
        exchange.responseHeaders.with {
            set('Content-Type', 'text/html; charset=utf-8')
            set('Content-Security-Policy', "default-src 'none'")
            set('Cache-Control', 'no-store')
            set('Referrer-Policy', 'no-referrer')
            set('Connection', 'close')
        }
        boolean bodiless = exchange.requestMethod == 'HEAD'
        try {
            exchange.sendResponseHeaders(status, bodiless ? -1 : page.length)
            if (!bodiless) exchange.responseBody.write(page)
        } catch (IOException ignored) {
            // The browser has gone; what it brought counts all the same.
        }
    }

    private boolean carriesState(Map<String, List<String>> parameters) {
        byte[] expected = state.reveal().getBytes(UTF_8)
        (parameters.state ?: []).any { MessageDigest.isEqual(it.getBytes(UTF_8), expected) }
    }

    private static Map<String, List<String>> parametersOf(String callbackUrl) {
        String url = callbackUrl.trim()
        // It is not quoted: a code may be in it.
        if (!(url ==~ /(?is)https?:\/\/.+/)) throw new OAuthException('invalid_response', 'the callback is not a URL')
        Text.parameters(url.contains('?') ? url.replaceFirst(/#.*/, '').replaceFirst(/^[^?]*\??/, '') : '')
    }

    /**
     * The code of a callback (RFC 6749, section 4.1.2). Nothing in it is believed, an error neither, before state and
     * issuer have shown that it answers this login.
     */
    private String codeIn(Map<String, List<String>> parameters) {
        if (!carriesState(parameters)) {
            String carried = parameters.state ? 'another state than the login' : 'no state'
            throw new OAuthException('state_mismatch', "callback: it carries $carried")
        }
        List<String> repeated = JUDGED.findAll { parameters[it] != null && parameters[it].size() > 1 }
        if (repeated) {
            throw new OAuthException('invalid_response', "callback: it holds ${repeated.join(', ')} more than once")
        }
        Map<String, String> said = JUDGED.collectEntries { [it, parameters[it]?.get(0) ?: null] }
        checkIssuer(said.iss)
        if (said.error) {
            String error = Text.printable(said.error), description = Text.printable(said.error_description)
            String what = "authorization at ${server.settings.issuer ?: 'the server'}"
            throw new OAuthException(CLASS_OF_ERROR[said.error] ?: 'invalid_response',
                "$what: ${[error, description].findAll().join(': ')}", null, error, description)
        }
        if (!said.code) throw new OAuthException('invalid_response', 'callback: it holds neither a code nor an error')
        said.code
    }

    /** RFC 9207, section 2.4: compared as text; an answer that lacks a promised one is refused, an error too. */
    private void checkIssuer(String iss) {
        String issuer = server.settings.issuer
        if (iss == null && issuerPromised) {
            throw new OAuthException('issuer_mismatch', "callback: it names no issuer, as $issuer promises to do")
        }
        if (iss != null && issuer && iss != issuer) {
            throw new OAuthException('issuer_mismatch', "callback: it is of ${Text.printable(iss)}, not of $issuer")
        }
    }
}

/** Says who the person is: ID tokens and UserInfo (OpenID Connect Core 1.0). */
@CompileStatic
class OpenId {
    static final String NO_ISSUER = 'settings: issuer is missing, without it no ID token can be verified'
    /** Seconds that clocks may differ. */
    static final double TOLERANCE = 30
    /** Seconds since an ID token of this very moment can have been issued. */
    static final double OLDEST = 3600
    /** Seconds that keys are kept: a withdrawn one must not stay good. */
    static final double KEYS_LIFETIME = 600
    /** Seconds between two looks for an unknown key, or junk in a header would cost the issuer a request each. */
    static final double KEYS_PAUSE = 30

    private final AuthorizationServer server
    private List<Map<String, ?>> keys
    private double keysFetchedAt, lookedAgainAt = Double.NEGATIVE_INFINITY

    OpenId(AuthorizationServer server) {
        this.server = server
    }

    /**
     * Verifies the ID token that came with an access token (sections 3.1.3.7, 3.1.3.8 and 12.2).
     *
     * @param nonce of the login; null on refresh, where there may be no ID token
     * @param previous the ID token of the login that is refreshed
     * @throws OAuthException {@code invalid_id_token}, and what comes of asking for the issuer's keys
     */
    void verify(Token token, Secret nonce, Secret previous) {
        if (!server.settings.issuer) throw OAuthException.config(NO_ISSUER)
        if (token.idToken == null) throw refused('openid was asked for, but none came')
        String[] parts = token.idToken.reveal().split(/\./, -1)
        Map<String, ?> header = parts.length == 3 ? decoded(parts[0]) : null
        if (header == null) throw refused('it is not a signed JWT')
        String algorithm = algorithmOf(header)
        if (!isSigned(parts, header, algorithm)) throw refused("the signature is not the issuer's")
        Map<String, ?> claims = decoded(parts[1])
        if (claims == null) throw refused('its payload is not a JSON object')
        String wrong = wrongIn(claims) ?: wrongTime(claims)
        if (!wrong && nonce != null && claims.nonce != nonce.reveal()) wrong = 'nonce: it is not the one that was sent'
        if (!wrong && claims.at_hash != null && claims.at_hash != hashOf(token.accessToken, algorithm)) {
            wrong = 'at_hash: it belongs to another access token'
        }
        if (!wrong && previous != null) wrong = differenceOf(claims, claimsOf(previous))
        if (wrong) throw refused(wrong)
    }

    /** Section 5.3. The token goes into the header alone (RFC 6750, section 2.1). */
    Map<String, ?> userInfo(Token token) {
        if (token.idToken == null) {
            throw OAuthException.config('there is no ID token to compare UserInfo with: ask for the scope openid')
        }
        if (!server.settings.issuer) throw OAuthException.config(NO_ISSUER)
        URI url = server.endpoint('userinfo_url', 'userinfo_endpoint')
        Answer answer = server.get(url, [Authorization: "Bearer ${token.accessToken.reveal()}".toString()])
        switch (answer.status) {
            case 200: break
            case 401: throw server.refusal(answer, 'unauthorized', 'the token is refused', token)
            case 403: throw server.refusal(answer, 'forbidden', 'the token does not allow this', token)
            case 429: throw server.refusal(answer, 'rate_limited', 'too many requests', token)
            default:
                String errorClass = answer.status >= 500 ? 'unavailable' : 'invalid_response'
                throw server.refusal(answer, errorClass, 'no claims', token)
        }
        Map<String, ?> claims = Json.object(answer.body)
        if (claims == null) throw answer.unusable('invalid_response', 'but not a JSON object of up to 1 MiB')
        // Section 5.3.2: claims about somebody else must not be used.
        String sub = Json.text(claimsOf(token.idToken).sub)
        if (sub != null && claims.sub == sub) return claims
        throw answer.unusable('invalid_userinfo', 'its sub is not that of the ID token')
    }

    /** RFC 8725, section 2.1: no header may choose {@code none} or HMAC, whose key everybody knows. */
    private String algorithmOf(Map<String, ?> header) {
        Object listed = server.metadata().id_token_signing_alg_values_supported
        List<?> allowed = listed instanceof List ? (List<?>) listed : ['RS256']
        String algorithm = Json.text(header.alg)
        if (!(algorithm in ['RS256', 'RS384', 'RS512']) || !(algorithm in allowed)) {
            String taken = 'RS256, RS384 and RS512 are taken where the issuer lists them'
            throw refused("alg: $taken, seen ${Text.printable(algorithm)}")
        }
        // RFC 7515, section 4.1.11: no extension is understood here.
        if (header.containsKey('crit')) throw refused('its header has critical extensions')
        algorithm
    }

    private synchronized boolean isSigned(String[] parts, Map<String, ?> header, String algorithm) {
        List<Map<String, ?>> before = keys
        List<Map<String, ?>> known = currentKeys()
        if (isSignedWith(known, parts, header, algorithm)) return true
        // An unknown key may be a new one (section 10.1.1). Keys that were fetched for this very token are as new as
        // they get.
        boolean unknown = header.kid == null || !known.any { it.kid == header.kid }
        if (!known.is(before) || !unknown || Token.clock() - lookedAgainAt < KEYS_PAUSE) return false
        lookedAgainAt = Token.clock()
        isSignedWith(fetchedKeys(), parts, header, algorithm)
    }

    private static boolean isSignedWith(List<Map<String, ?>> keys, String[] parts, Map<String, ?> header,
                                        String algorithm) {
        keys.any { key ->
            boolean fits = key.kty == 'RSA' && (key.use ?: 'sig') == 'sig' && (key.alg ?: algorithm) == algorithm &&
                (header.kid == null || key.kid == header.kid)
            fits && isSignedWith(key, parts, algorithm)
        }
    }

    private static boolean isSignedWith(Map<String, ?> key, String[] parts, String algorithm) {
        try {
            BigInteger n = new BigInteger(1, Text.fromBase64Url((String) key.n))
            BigInteger e = new BigInteger(1, Text.fromBase64Url((String) key.e))
            Signature signature = Signature.getInstance("SHA${algorithm.substring(2)}withRSA")
            signature.initVerify(KeyFactory.getInstance('RSA').generatePublic(new RSAPublicKeySpec(n, e)))
            signature.update("${parts[0]}.${parts[1]}".getBytes(US_ASCII))
            return signature.verify(Text.fromBase64Url(parts[2]))
        } catch (GeneralSecurityException | RuntimeException ignored) {
            return false
        }
    }

    private List<Map<String, ?>> currentKeys() {
        keys == null || Token.clock() - keysFetchedAt >= KEYS_LIFETIME ? fetchedKeys() : keys
    }

    private List<Map<String, ?>> fetchedKeys() {
        Answer answer = server.get(server.endpoint('jwks_url', 'jwks_uri'))
        Object found = answer.status == 200 ? Json.object(answer.body)?.keys : null
        if (!(found instanceof List)) throw answer.unusable('metadata_error', 'not a JSON Web Key Set')
        keysFetchedAt = Token.clock()
        keys = (List<Map<String, ?>>) found.findAll { it instanceof Map }
    }

    /** Section 3.1.3.7, rules 2 to 5. */
    private String wrongIn(Map<String, ?> claims) {
        Settings settings = server.settings
        List<?> audiences = claims.aud instanceof List ? (List<?>) claims.aud : [claims.aud]
        if (claims.iss != settings.issuer) return "iss: expected $settings.issuer, seen ${Text.shown(claims.iss)}"
        if (Json.text(claims.sub) == null) return 'sub: none'
        if (!(settings.clientId in audiences)) return "aud: expected $settings.clientId, seen ${Text.shown(claims.aud)}"
        if (audiences.any { it != settings.clientId }) return "aud: nobody trusts all of ${Text.shown(claims.aud)}"
        boolean forUs = claims.azp == null && audiences.size() == 1 || claims.azp == settings.clientId
        forUs ? null : "azp: expected $settings.clientId, seen ${Text.shown(claims.azp)}"
    }

    /** Section 3.1.3.7, rules 9 and 10; RFC 7519, section 4.1.5. */
    private static String wrongTime(Map<String, ?> claims) {
        double now = Token.wallClock()
        Double exp = Json.number(claims.exp), iat = Json.number(claims.iat), nbf = Json.number(claims.nbf)
        if (exp == null || iat == null) return 'exp and iat: expected times'
        if (exp + TOLERANCE <= now) return "exp: expired ${Math.round(now - exp)} s ago"
        if (iat > now + TOLERANCE) return "iat: issued ${Math.round(iat - now)} s from now"
        if (iat < now - OLDEST - TOLERANCE) return "iat: issued ${Math.round(now - iat)} s ago"
        if (claims.nbf != null && (nbf == null || nbf > now + TOLERANCE)) return 'nbf: not valid yet'
        null
    }

    /** Section 3.1.3.8: the left half of the digest. */
    private static String hashOf(Secret accessToken, String algorithm) {
        MessageDigest hash = MessageDigest.getInstance("SHA-${algorithm.substring(2)}")
        byte[] digest = hash.digest(accessToken.reveal().getBytes(US_ASCII))
        Text.base64Url(Arrays.copyOf(digest, digest.length >> 1))
    }

    /** Section 12.2: a refresh goes on with the same login. Who somebody is, is not shown. */
    private static String differenceOf(Map<String, ?> claims, Map<String, ?> login) {
        if (claims.iss != login.iss) return 'iss: another one than at the login'
        if (claims.sub != login.sub) return 'sub: somebody else than at the login'
        boolean sameAudience = ([claims.aud].flatten() as Set) == ([login.aud].flatten() as Set)
        if (!sameAudience) return 'aud: another one than at the login'
        // It needs none. One where the login had none cannot be the login's.
        boolean sameNonce = !claims.containsKey('nonce') || claims.nonce == login.nonce
        sameNonce ? null : 'nonce: another one than at the login'
    }

    /** What a JWT says, verified or not; empty if it is none. */
    private static Map<String, ?> claimsOf(Secret jwt) {
        String[] parts = jwt.reveal().split(/\./, -1)
        (parts.length == 3 ? decoded(parts[1]) : null) ?: [:]
    }

    private static Map<String, ?> decoded(String part) {
        try {
            return Json.object(new String(Text.fromBase64Url(part), UTF_8))
        } catch (IllegalArgumentException ignored) {
            return null
        }
    }

    private static OAuthException refused(String why) {
        new OAuthException('invalid_id_token', "ID token refused: $why")
    }
}

/** An access token with what was issued beside it (RFC 6749, section 5.1). Printing it shows hashes only. */
@CompileStatic
@MapConstructor
class Token {
    /** Seconds before its end at which a token is renewed; a tenth of its lifetime where that is less. */
    static final double MARGIN = 30

    /** Its text: {@code accessToken.reveal()}. */
    final Secret accessToken
    final String tokenType = 'Bearer'
    /** What was granted. */
    final List<String> scope
    /** Null if there is none. */
    final Secret refreshToken, idToken
    /** When it was asked for, by {@link #wallClock} and by {@link #clock}. */
    final double issuedAt, sentAt
    /** In seconds from then on; null if the server did not say. */
    final Double lifetime, refreshLifetime

    /** Seconds left, null if the server did not say. */
    Double getExpiresIn() {
        lifetime == null ? null : Math.max(0d, lifetime - (clock() - sentAt))
    }

    boolean getHasRefreshToken() {
        refreshToken != null
    }

    boolean getHasIdToken() {
        idToken != null
    }

    /** Whether it lives for more than {@code minValidity} seconds, and is not so near its end that it is renewed. */
    boolean isFit(double minValidity = 0) {
        lifetime == null || expiresIn > Math.max(minValidity, Math.min(MARGIN, lifetime / 10d))
    }

    /** False once the refresh token's known life is over: sending it could only fail. */
    boolean canRefresh() {
        refreshToken != null && (refreshLifetime == null || clock() - sentAt < refreshLifetime)
    }

    /**
     * This one as the answer to a refresh of another: what it leaves out stays (RFC 6749, section 6; OpenID Connect
     * Core 1.0, section 12.2).
     */
    Token after(Token old) {
        // The old refresh token's life began with the old token.
        Double oldLife = old.refreshLifetime == null ? null : old.refreshLifetime - (sentAt - old.sentAt)
        new Token(accessToken: accessToken, scope: scope, issuedAt: issuedAt, sentAt: sentAt, lifetime: lifetime,
            refreshToken: refreshToken ?: old.refreshToken, refreshLifetime: refreshToken ? refreshLifetime : oldLife,
            idToken: idToken ?: old.idToken)
    }

    @Override
    String toString() {
        "Token(access_token=$accessToken, expires_in=$expiresIn, scope=${scope.join(' ')})"
    }

    /** Seconds on a clock that nobody sets. */
    static double clock() {
        System.nanoTime() / 1e9d
    }

    /** Seconds since 1970. */
    static double wallClock() {
        System.currentTimeMillis() / 1000d
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

    /** 32 random bytes in base64url, the alphabet of a code_verifier (RFC 7636, section 4.1). */
    static Secret random() {
        byte[] bytes = new byte[32]
        new SecureRandom().nextBytes(bytes)
        new Secret(Text.base64Url(bytes))
    }

    String reveal() {
        text.call()
    }

    @Override
    String toString() {
        shown
    }
}

/** Where tokens are kept. */
@CompileStatic
interface TokenStore {
    /** Runs work that nobody else who shares the store does at the same time, and gives its result. */
    Object lease(Closure work)

    /** What is stored. Within a lease only. */
    Held load()

    /**
     * Replaces what is stored. Within a lease only.
     *
     * @param token null removes what is there
     * @param before what it replaces
     * @param refreshSentAt seconds since 1970: its refresh token is about to be sent
     * @return null, and stores nothing, if something else is stored by now
     */
    Held save(Token token, Held before, Double refreshSentAt)
}

/** What a store holds: a token, or nothing. */
@CompileStatic
class Held {
    final Token token
    /** When its refresh token was sent, if nobody has seen the answer. */
    final Double refreshSentAt
    // As the file has it, tokens and all: so a closure, as in Secret.
    private final Closure<Object> entry

    Held(Token token, Double refreshSentAt = null, Object entry = null) {
        this.token = token
        this.refreshSentAt = refreshSentAt
        this.entry = { entry }
    }

    Object entry() {
        entry.call()
    }
}

/** Keeps a token as long as the client lives. */
@CompileStatic
class MemoryStore implements TokenStore {
    private Held held = new Held(null)

    @Override
    synchronized Object lease(Closure work) {
        work()
    }

    @Override
    Held load() {
        held
    }

    @Override
    Held save(Token token, Held before, Double refreshSentAt) {
        held = new Held(token, refreshSentAt)
    }
}

/** Keeps a token in a file that processes of all languages may share, as docs/token-file.md says. */
@CompileStatic
class TokenFile implements TokenStore {
    /** Bytes of the largest file that is read or written. */
    static final int LARGEST = 1024 * 1024
    private static final int DEEPEST = 32
    private static final Map<String, ?> EMPTY = [format: 'polyglot-tokens', version: 1, tokens: [:]].asImmutable()
    private static final List<String> REQUIRED = ['access_token', 'token_type', 'issued_at']
    private static final List<String> MEMBERS = REQUIRED +
        ['scope', 'expires_at', 'refresh_token', 'refresh_expires_at', 'id_token', 'refresh_sent_at']

    // Texts, because Groovy's JSON goes through a Path for ever.
    private final String path, key
    private final Set<String> warned = []
    private FileLock lock
    private boolean looked
    // What could not be stored: the token is good, and asking for another one would not make the disk any better.
    private Held unsaved

    TokenFile(String path, String key) {
        this.path = Path.of(path).toAbsolutePath().normalize()
        this.key = key
    }

    /** Five percent-encoded parts, separated by spaces; scopes sorted by code point and joined by {@code +}. */
    static String key(String server, String clientId, String grant, String user, String scope) {
        List<String> scopes = scope.tokenize(' ').toUnique().toSorted { String a, String b ->
            Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8))
        }
        List<String> parts = [server, clientId, grant, user].collect { percentEncoded(it) }
        (parts + scopes.collect { percentEncoded(it) }.join('+')).join(' ')
    }

    // RFC 3986, section 2.3: nothing but unreserved characters stays.
    private static String percentEncoded(String text) {
        Text.encode(text).replace('+', '%20').replace('*', '%2A').replace('%7E', '~')
    }

    /**
     * The object that the bytes of a token file hold; null if they are damaged.
     *
     * @throws OAuthException {@code config_error} for somebody else's file or a later version
     */
    static Map<String, ?> parse(byte[] bytes, String path = 'the token file') {
        if (bytes.length > LARGEST) return null
        String text
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()
        } catch (CharacterCodingException ignored) {
            return null
        }
        if (text.startsWith('\uFEFF')) text = text.substring(1)
        // What touch and mktemp leave.
        if (text.isBlank()) return EMPTY
        Map<String, ?> file = Json.object(text)
        if (file == null || !(file.format instanceof String)) return null
        if (file.format != EMPTY.format) throw foreign(path, "format ${Text.shown(file.format)}")
        if (!(file.version instanceof Number || file.version instanceof String)) return null
        if (Json.number(file.version) != 1d) throw foreign(path, "version ${Text.shown(file.version)}")
        file.tokens instanceof Map && !isDeeper(file, DEEPEST) ? file : null
    }

    /** The known members of an entry that have a value; null if it is damaged. */
    static Map<String, ?> membersOf(Object entry) {
        if (!(entry instanceof Map)) return null
        Map<String, Object> given = [:]
        for (name in MEMBERS) if (entry[name] != null) given[name] = entry[name]
        boolean whole = REQUIRED.every { given.containsKey(it) } && given.every { name, value -> fits(name, value) }
        if (whole) given.token_type = 'Bearer'
        whole ? given : null
    }

    /** The file with another entry for a key, or without one. What is not known of file and entry stays. */
    static Map<String, ?> withEntry(Map<String, ?> file, String key, Map<String, ?> entry) {
        Map<String, Object> tokens = new LinkedHashMap<>((Map<String, Object>) file.tokens)
        Object before = tokens.remove(key)
        Map<String, ?> old = before instanceof Map ? (Map<String, ?>) before : [:]
        if (entry != null) tokens[key] = entry + old.findAll { name, value -> !(name in MEMBERS) }
        Map<String, Object> next = new LinkedHashMap<String, Object>((Map<String, Object>) file)
        next.tokens = tokens
        next
    }

    @Override
    Object lease(Closure work) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(FileLock.TIME_LIMIT)
        Path folder = Path.of(path).parent
        // One file has one lock, by whatever path its folder is reached.
        Path real = PrivateFiles.tell("use the folder $folder") {
            PrivateFiles.makeFolder(folder)
            folder.toRealPath()
        }
        String file = real.resolve(Path.of(path).fileName).toString()
        lock = FileLock.take(file, until)
        try {
            if (!looked) {
                looked = true
                PrivateFiles.tell("tidy $folder") {
                    PrivateFiles.tightenFolder(real) { String line -> warn(line) }
                    lock.tidyUp()
                }
            }
            return work()
        } finally {
            lock.release()
        }
    }

    @Override
    Held load() {
        Object entry = (read() ?: EMPTY).tokens[key]
        if (unsaved != null && unsaved.entry() == entry) return unsaved
        Map<String, ?> members = membersOf(entry)
        if (members == null && entry != null) warnOfDamage('has a damaged entry')
        if (members == null) return new Held(null, null, entry)
        new Held(tokenOf(members), Json.number(members.refresh_sent_at), entry)
    }

    @Override
    Held save(Token token, Held before, Double refreshSentAt) {
        unsaved = null
        try {
            Map<String, ?> found = read(), file = found ?: EMPTY
            Object entry = file.tokens[key]
            // Not the one that the decision was made on: theirs stays.
            if (entry != before.entry()) return null
            Map<String, ?> next = withEntry(file, key, token == null ? null : entryOf(token, refreshSentAt))
            if (!replace(next, found == null || entry != null && membersOf(entry) == null)) return null
            return new Held(token, refreshSentAt, next.tokens[key])
        } catch (OAuthException e) {
            warn("the token is not stored: $e.message")
            return unsaved = new Held(token, refreshSentAt, before.entry())
        }
    }

    /** Null if the file is damaged. */
    private Map<String, ?> read() {
        byte[] bytes = PrivateFiles.tell("read $path") {
            PrivateFiles.read(Path.of(path), LARGEST + 1) { String line -> warn(line) }
        }
        Map<String, ?> file = bytes == null ? EMPTY : parse(bytes, path)
        if (file == null) warnOfDamage('is damaged')
        file
    }

    /** @return false, and writes nothing, if the lock is gone */
    private boolean replace(Map<String, ?> file, boolean damaged) {
        byte[] bytes = (JsonOutput.prettyPrint(JsonOutput.toJson(file)) + '\n').getBytes(UTF_8)
        if (bytes.length > LARGEST) throw OAuthException.config("the token file $path would become larger than 1 MiB")
        PrivateFiles.tell("write $path") {
            if (!lock.isHeld()) return false
            PrivateFiles.replace(Path.of(path), bytes, damaged)
            true
        }
    }

    private static Token tokenOf(Map<String, ?> members) {
        double issuedAt = Json.number(members.issued_at)
        new Token(accessToken: Secret.ofToken((String) members.access_token),
            scope: ((String) members.scope ?: '').tokenize(),
            refreshToken: Secret.ofToken((String) members.refresh_token),
            idToken: Secret.ofToken((String) members.id_token),
            // A moment of the future is of a clock that was set back since.
            issuedAt: issuedAt, sentAt: Token.clock() - Math.max(0d, Token.wallClock() - issuedAt),
            lifetime: lifetime(issuedAt, members.expires_at),
            refreshLifetime: lifetime(issuedAt, members.refresh_expires_at))
    }

    private static Double lifetime(double issuedAt, Object end) {
        end == null ? null : Math.max(0d, Json.number(end) - issuedAt)
    }

    private static Map<String, ?> entryOf(Token token, Double refreshSentAt) {
        Map<String, ?> entry = [
            access_token: token.accessToken.reveal(), token_type: 'Bearer', scope: token.scope.join(' ') ?: null,
            issued_at: time(token.issuedAt), expires_at: time(token.issuedAt, token.lifetime),
            refresh_token: token.refreshToken?.reveal(),
            refresh_expires_at: time(token.issuedAt, token.refreshLifetime),
            id_token: token.idToken?.reveal(), refresh_sent_at: time(refreshSentAt),
        ]
        entry.findAll { name, value -> value != null }
    }

    /** Seconds, to the millisecond. */
    private static BigDecimal time(Double start, Double span = 0) {
        start == null || span == null ? null : BigDecimal.valueOf(Math.round((start + span) * 1000d), 3)
    }

    private static boolean fits(String name, Object value) {
        switch (name) {
            case 'scope': return value instanceof String
            case 'token_type': return value instanceof String && value.equalsIgnoreCase('Bearer')
            case ~/.*_at/: return value instanceof Number && Json.number(value) != null
            default: return Json.text(value) != null
        }
    }

    private static boolean isDeeper(Object value, int levels) {
        Object inner = value instanceof Map ? ((Map) value).values() : value
        inner instanceof Collection && (levels == 0 || ((Collection) inner).any { isDeeper(it, levels - 1) })
    }

    private static OAuthException foreign(String path, String what) {
        OAuthException.config("$path is a file of $what, and stays as it is")
    }

    private void warnOfDamage(String what) {
        warn("the token file $path $what, which counts as empty; it is kept as ${path}.damaged when it is replaced")
    }

    private void warn(String line) {
        if (warned.add(line)) System.err.println("WARNING: $line")
    }
}

/**
 * The lock of a token file: a text of who has it, hard-linked to {@code <file>.lock} (docs/token-file.md, The lock).
 */
@CompileStatic
class FileLock {
    /** Seconds that a lock is waited for: longer than a renewal takes. */
    static final int TIME_LIMIT = 60
    // A thousand threads of one process are one poller.
    private static final Map<String, Semaphore> TURNS = new ConcurrentHashMap<>()

    private final String file, path, text
    private final Semaphore turn

    /** @param until by {@code System.nanoTime()} */
    static FileLock take(String file, long until) {
        Semaphore turn = TURNS.computeIfAbsent(file) { new Semaphore(1, true) }
        if (!turn.tryAcquire(until - System.nanoTime(), TimeUnit.NANOSECONDS)) throw tooLate(file)
        boolean taken = false
        try {
            FileLock lock = PrivateFiles.tell("lock $file") { new FileLock(file, until, turn) }
            taken = true
            return lock
        } finally {
            if (!taken) turn.release()
        }
    }

    private FileLock(String file, long until, Semaphore turn) {
        this.file = file
        this.turn = turn
        path = "${file}.lock"
        long pid = ProcessHandle.current().pid()
        String random = PrivateFiles.random()
        Object own = sightOf(pid)
        text = "$pid ${own instanceof Map ? own.start : '0'} $random"
        Path mine = Path.of("$path.$pid-$random")
        try {
            PrivateFiles.create(mine, text.getBytes(US_ASCII))
            while (!isLinked(mine, path)) {
                if (removeDead(path, mine)) continue
                if (System.nanoTime() - until >= 0) throw tooLate(file)
                // Not in step with the others who wait.
                Thread.sleep(5 + new Random().nextInt(16))
            }
        } finally {
            Files.deleteIfExists(mine)
        }
    }

    /** Whether it is still there: somebody may have removed it by hand. */
    boolean isHeld() {
        textOf(path) == text
    }

    void release() {
        try {
            PrivateFiles.tell("unlock $file") { if (isHeld()) Files.deleteIfExists(Path.of(path)) }
        } finally {
            turn.release()
        }
    }

    /** Removes what killed processes left. */
    void tidyUp() {
        Path folder = Path.of(file).parent
        String name = Path.of(file).fileName
        for (other in folder.toFile().list()) {
            Path left = folder.resolve(other)
            // Only who has the lock writes these, so nobody is at it.
            if (other.startsWith("${name}.tmp.")) Files.deleteIfExists(left)
            else if (other.startsWith("${name}.lock.break-")) removeDead(left.toString(), Path.of(path))
            else if (other.startsWith("${name}.lock.") && isLeft(left.toString())) Files.deleteIfExists(left)
        }
    }

    /**
     * Whether a lock text's process is dead, by what is seen of its pid: {@code gone}, {@code unknown}, or its state
     * and start.
     */
    static boolean isDead(String text, Object seen) {
        String[] words = wordsOf(text)
        if (words == null || seen == 'gone') return true
        if (seen == 'unknown') return false
        Map<String, String> process = (Map<String, String>) seen
        // A process that was killed and that nobody has waited for still has its pid.
        process.state in ['Z', 'X'] || words[1] != '0' && words[1] != process.start
    }

    private static boolean isStale(String text) {
        String[] words = wordsOf(text)
        words == null || isDead(text, sightOf(words[0] as long))
    }

    /** Unlike a lock, this is seen half written: then the pid of its name has to do. */
    private static boolean isLeft(String path) {
        String text = textOf(path)
        if (text == null) return false
        if (wordsOf(text) != null) return isStale(text)
        def named = path =~ /\.(\d{1,10})-[^.]*$/
        named.find() && sightOf(named.group(1) as long) == 'gone'
    }

    /**
     * Removes a lock, or a claim on one, whose process is dead. Between reading it and removing it, it may have become
     * somebody's new lock: so only who holds the claim on exactly this text removes it.
     *
     * @param mine a file with this process's text
     * @return whether it is worth while to try again at once
     */
    private static boolean removeDead(String path, Path mine) {
        String text = textOf(path)
        if (text == null) return true
        if (!isStale(text)) return false
        String[] words = wordsOf(text)
        String claim = "${path}.break-${words == null ? 'damaged' : words[2]}"
        if (!isLinked(mine, claim)) return removeDead(claim, mine)
        try {
            if (textOf(path) == text) Files.deleteIfExists(Path.of(path))
        } finally {
            Files.deleteIfExists(Path.of(claim))
        }
        true
    }

    /** Pid, start time and random; null for a damaged text. */
    private static String[] wordsOf(String text) {
        def matcher = text =~ /([1-9]\d{0,9}) (\d{1,20}) ([0-9A-Za-z]{8,32})(?: [^\n]*)?\n?/
        if (!matcher.matches() || (matcher.group(1) as long) > Integer.MAX_VALUE) return null
        [matcher.group(1), matcher.group(2), matcher.group(3)] as String[]
    }

    private static Object sightOf(long pid) {
        if (!ProcessHandle.of(pid).present) return 'gone'
        try {
            String stat = new String(Files.readAllBytes(Path.of("/proc/$pid/stat")), ISO_8859_1)
            // The program's name is in parentheses and may hold both spaces and parentheses.
            List<String> fields = stat.substring(stat.lastIndexOf(')') + 2).tokenize(' ')
            return fields.size() > 19 ? [state: fields[0], start: fields[19]] : 'unknown'
        } catch (IOException ignored) {
            return 'unknown'
        }
    }

    private static boolean isLinked(Path mine, String path) {
        try {
            Files.createLink(Path.of(path), mine)
            return true
        } catch (FileAlreadyExistsException ignored) {
            return false
        }
    }

    private static String textOf(String path) {
        try {
            return new String(Files.readAllBytes(Path.of(path)), ISO_8859_1)
        } catch (NoSuchFileException ignored) {
            return null
        }
    }

    private static OAuthException tooLate(String file) {
        String[] words = wordsOf(textOf("${file}.lock") ?: '')
        Object pid = words == null ? ProcessHandle.current().pid() : words[0]
        new OAuthException('timeout', "the lock of $file is held by process $pid (for more than $TIME_LIMIT s)",
            null, null, null, 'not_sent')
    }
}

/** Files and folders that only their owner may use. */
@CompileStatic
class PrivateFiles {
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString('rw-------')
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString('rwx------')

    /** Runs work on files, and turns what the system says into a {@code config_error}. */
    static <T> T tell(String doing, Closure<T> work) {
        try {
            return work()
        } catch (IOException | UnsupportedOperationException e) {
            String reason = (e instanceof FileSystemException ? e.reason : e.message) ?: e.class.simpleName
            throw new OAuthException('config_error', "cannot $doing: $reason", null, null, null, 'not_sent')
        }
    }

    /** 16 hexadecimal digits that nobody else comes upon. */
    static String random() {
        byte[] bytes = new byte[8]
        new SecureRandom().nextBytes(bytes)
        bytes.encodeHex()
    }

    /** At most so many bytes; null if there is no file. The rights of others are taken away. */
    static byte[] read(Path path, int most, Closure warn) {
        try {
            PosixFileAttributes found = Files.readAttributes(path, PosixFileAttributes, LinkOption.NOFOLLOW_LINKS)
            // Following it would put tokens, and a lock that nobody else sees, into a folder that nobody named.
            if (found.symbolicLink) throw OAuthException.config("$path is a symbolic link; name the token file itself")
            // Opening a pipe would wait for ever.
            if (!found.regularFile) throw OAuthException.config("$path is not a file")
            if (isOpen(found.permissions())) {
                Files.getFileAttributeView(path, PosixFileAttributeView, LinkOption.NOFOLLOW_LINKS).permissions = FILE
                warn("the token file $path was open to others; its mode is 0600 now")
            }
            return start(path, most)
        } catch (NoSuchFileException ignored) {
            return null
        }
    }

    /** A new file, on the disk when this returns. */
    static void create(Path path, byte[] bytes) {
        Set<? extends OpenOption> options = [StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE] as Set
        FileChannel opened = FileChannel.open(path, options, PosixFilePermissions.asFileAttribute(FILE))
        opened.withCloseable { FileChannel channel ->
            // The umask may have taken the owner's rights.
            Files.setPosixFilePermissions(path, FILE)
            ByteBuffer buffer = ByteBuffer.wrap(bytes)
            while (buffer.hasRemaining()) channel.write(buffer)
            channel.force(true)
        }
    }

    /** Whoever reads sees the old file or the new one, whole, after a power failure too. */
    static void replace(Path path, byte[] bytes, boolean keepOld) {
        Path temporary = Path.of("${path}.tmp.${ProcessHandle.current().pid()}-${random()}")
        try {
            create(temporary, bytes)
            if (keepOld) {
                Path kept = Path.of("${path}.damaged")
                Files.deleteIfExists(kept)
                Files.createLink(kept, path)
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE)
            FileChannel.open(path.parent, StandardOpenOption.READ).withCloseable { it.force(true) }
        } finally {
            Files.deleteIfExists(temporary)
        }
    }

    static void makeFolder(Path folder) {
        if (Files.isDirectory(folder)) return
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(FOLDER))
        Files.setPosixFilePermissions(folder, FOLDER)
    }

    /**
     * Takes the rights of others away where a folder is evidently for tokens; a home folder or /tmp may be open for
     * good reasons.
     */
    static void tightenFolder(Path folder, Closure warn) {
        PosixFileAttributes found = Files.readAttributes(folder, PosixFileAttributes)
        if (!isOpen(found.permissions())) return
        boolean special = ((int) Files.getAttribute(folder, 'unix:mode') & 07000) != 0
        if (!special && found.owner().name == System.getProperty('user.name') && isForTokens(folder)) {
            Files.setPosixFilePermissions(folder, FOLDER)
            warn("the folder $folder was open to others; its mode is 0700 now")
        } else {
            warn("the folder $folder is open to others: keep the token file in a folder of its own, with mode 0700")
        }
    }

    private static boolean isForTokens(Path folder) {
        Path home = Path.of(System.getProperty('user.home'))
        if (folder.parent == null || Files.exists(home) && Files.isSameFile(folder, home)) return false
        folder.toFile().list().every { String name ->
            isTokenFile(folder.resolve(name.replaceFirst(/\.(?:damaged|lock(?:\..*)?|tmp\..*)$/, '')))
        }
    }

    // Missing is fine: what belongs to it is there.
    private static boolean isTokenFile(Path path) {
        try {
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) return true
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) return false
            return TokenFile.parse(start(path, TokenFile.LARGEST + 1)) != null
        } catch (IOException | OAuthException ignored) {
            return false
        }
    }

    private static byte[] start(Path path, int most) {
        Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS).withCloseable { it.readNBytes(most) }
    }

    private static boolean isOpen(Set<PosixFilePermission> permissions) {
        !FOLDER.containsAll(permissions)
    }
}

/** HTTP within limits: 30 seconds and 1 MiB, no redirects. */
@CompileStatic
class Http {
    /** Seconds for a whole exchange, a trickling body included. */
    static final int TIME_LIMIT = 30
    /** Bytes of a body that are read. */
    static final int SIZE_LIMIT = 1024 * 1024
    /** Fields of a token request that are no secrets. */
    static final List<String> SHOWN = ['grant_type', 'scope', 'client_id', 'redirect_uri']

    // HTTP/2 would add upgrade headers to every plain request, and a redirect would carry the secret elsewhere.
    private static final HttpClient CLIENT = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).build()

    /** One exchange, with a null body if it is over the limit. */
    static Answer exchange(HttpRequest request, boolean debug, Map<String, String> form = [:]) {
        String what = "${request.method()} ${bare(request.uri())}"
        double start = Token.clock()
        String end = 'broken off'
        HttpResponse.BodyHandler<String> limited = { new LimitedText(SIZE_LIMIT) }
        CompletableFuture<HttpResponse<String>> response = CLIENT.sendAsync(request, limited)
        try {
            // The timeout of HttpRequest would end with the headers.
            HttpResponse<String> whole = response.get(TIME_LIMIT, TimeUnit.SECONDS)
            end = whole.statusCode()
            String issued = debug && form ? Json.text(Json.object(whole.body())?.access_token) : null
            if (issued) end += " access_token=${Secret.ofToken(issued)}"
            return new Answer(what, whole.statusCode(), whole.headers().map(), whole.body())
        } catch (TimeoutException ignored) {
            end = 'timeout'
            throw lost('timeout', "$what: no whole answer within $TIME_LIMIT s", 'no_answer')
        } catch (ExecutionException e) {
            // The class alone, since messages quote what the server sent.
            end = e.cause.class.simpleName
            if (e.cause instanceof SSLException) throw lost('tls', "$what: $end", 'not_sent')
            throw lost('network', "$what: $end", e.cause instanceof ConnectException ? 'not_sent' : 'no_answer')
        } finally {
            response.cancel(true)
            if (debug) {
                String fields = form.collect { name, value -> " $name=${masked(name, value)}" }.join('')
                System.err.println("$what$fields -> $end in ${Math.round((Token.clock() - start) * 1000)} ms")
            }
        }
    }

    /** Null unless it is https, since credentials go there (RFC 6749, section 3.2); on loopback nobody listens in. */
    static URI secureUrl(String url) {
        try {
            URI uri = new URI(url ?: '')
            boolean loopback = uri.host ==~ /(?i)localhost|127(\.\d{1,3}){3}|\[::1]/
            boolean secure = uri.scheme == 'https' || uri.scheme == 'http' && loopback
            return secure && uri.host && !uri.userInfo ? uri : null
        } catch (URISyntaxException ignored) {
            return null
        }
    }

    static String origin(URI url) {
        int port = url.port >= 0 ? url.port : url.scheme == 'https' ? 443 : 80
        "$url.scheme://$url.host:$port".toLowerCase(Locale.ROOT)
    }

    /** A URL for messages: a query may hold what should not be shown. */
    static String bare(URI url) {
        url.toString().replaceFirst('[?#].*', '')
    }

    private static OAuthException lost(String errorClass, String message, String delivery) {
        new OAuthException(errorClass, message, null, null, null, delivery)
    }

    // People choose their secrets and names, and a hash would confirm a guess.
    private static Object masked(String name, String value) {
        name in SHOWN ? value : name in ['client_secret', 'username', 'password'] ? '***' : Secret.ofToken(value)
    }
}

/** An HTTP answer. */
@CompileStatic
class Answer {
    /** Method and URL that it answers. */
    final String request
    final int status
    final Map<String, List<String>> headers
    /** Null if it is over the limit. */
    final String body

    Answer(String request, int status, Map<String, List<String>> headers, String body) {
        this.request = request
        this.status = status
        this.headers = headers
        this.body = body
    }

    /** Whether all of it was seen: {@code answered}, else {@code no_answer}. */
    String getDelivery() {
        body == null ? 'no_answer' : 'answered'
    }

    OAuthException unusable(String errorClass, String why) {
        new OAuthException(errorClass, "$request: HTTP $status, $why", status, null, null, delivery)
    }
}

/** What a server asks for in WWW-Authenticate (RFC 9110, section 11.6.1). */
@CompileStatic
class Challenge {
    private static final int LONGEST = 8192
    private static final String QUOTED = /"(?:[^"\\]|\\.)*+/
    /** A comma, a word with its value if it has one, or a quotation that belongs to no word. */
    private static final Pattern PIECE = Pattern.compile(
        '(,)|([!#$%&\'*+.^_`|~0-9A-Za-z-]+)(?:[ \\t]*=[ \\t]*(' + QUOTED + '"|[^\\s,"]*))?|' + QUOTED + '"?')

    /** Empty where the server left it out. */
    final String scheme
    final Map<String, String> parameters = [:]

    private Challenge(String scheme) {
        this.scheme = scheme
    }

    /**
     * The parameters of the Bearer challenge by name in lower case (RFC 6750, section 3): of several, the first with an
     * error. Empty if there is none. Reads 8 KiB at most.
     */
    static Map<String, String> bearer(List<String> lines) {
        List<Challenge> all = challenges((lines ?: []).join(', ').take(LONGEST))
        List<Challenge> bearers = all.findAll { it.scheme == 'bearer' }
        // django-oidc-provider leaves the scheme out; it knows no other.
        List<Challenge> unnamed = all.findAll { !it.scheme && it.parameters.error }
        (bearers.find { it.parameters.error } ?: [*bearers, *unnamed][0])?.parameters ?: [:]
    }

    private static List<Challenge> challenges(String header) {
        List<Challenge> found = []
        boolean startsElement = true
        Matcher piece = PIECE.matcher(header)
        while (piece.find()) {
            String word = piece.group(2)?.toLowerCase(Locale.ROOT)
            String value = piece.group(3)
            if (word == null) {
                startsElement = startsElement || piece.group(1) != null
                continue
            }
            if (value != null) {
                if (!found) found << new Challenge('')
                found.last().parameters.putIfAbsent(word, value.startsWith('"') ? unquoted(value) : value)
            } else if (startsElement) {
                // Elsewhere a word is no scheme but a token68, or what should have been quoted.
                found << new Challenge(word)
            }
            startsElement = false
        }
        found
    }

    private static String unquoted(String quotation) {
        quotation.substring(1, quotation.length() - 1).replaceAll(/\\(.)/, '$1')
    }
}

/** JSON that is read without being quoted. */
@CompileStatic
class Json {
    /**
     * The object that a JSON text is; null if it is anything else. JsonSlurperClassic, because JsonSlurper makes large
     * numbers negative; with a reader, because both ignore what follows the first value; without the exception, because
     * its message quotes the text.
     */
    static Map<String, ?> object(String json) {
        try {
            LineColumnReader reader = new LineColumnReader(new StringReader(json))
            Object value = new JsonSlurperClassic().parse(reader)
            int next
            while ((next = reader.read()) >= 0) if (!Character.isWhitespace(next)) return null
            return value instanceof Map ? (Map<String, ?>) value : null
        } catch (Exception | StackOverflowError ignored) {
            return null
        }
    }

    /** Null for what is no text, or an empty one. */
    static String text(Object value) {
        value instanceof String ? value ?: null : null
    }

    /** Null for what is no finite number. */
    static Double number(Object value) {
        if (!(value instanceof Number)) return null
        double number = ((Number) value).doubleValue()
        Double.isFinite(number) ? number : null
    }

    /** A number of seconds, which some servers send as text; null for what is none. */
    static Double seconds(Object value) {
        if (!(value instanceof Number || value instanceof String)) return null
        try {
            Double number = number(new BigDecimal(value.toString().trim()))
            return number != null && number >= 0 ? number : null
        } catch (NumberFormatException ignored) {
            return null
        }
    }
}

/** Texts as they go over the wire and into messages. */
@CompileStatic
class Text {
    /** As in a form (RFC 6749, appendix B). */
    static String encode(String value) {
        URLEncoder.encode(value, UTF_8)
    }

    /** The parameters of a query by name, each decoded once. */
    static Map<String, List<String>> parameters(String query) {
        query.tokenize('&').collect { parameter(it) }.groupBy { it[0] }
            .collectEntries { name, pairs -> [name, pairs.collect { it[1] }] } as Map<String, List<String>>
    }

    /** Name and value of one piece of a query. */
    static List<String> parameter(String piece) {
        int end = piece.indexOf('=')
        end < 0 ? [decoded(piece), ''] : [decoded(piece.substring(0, end)), decoded(piece.substring(end + 1))]
    }

    /** A server's text for people: without control characters, and cut. */
    static String printable(String text) {
        text?.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/, ' ')?.take(200)
    }

    /** A claim for a message. */
    static String shown(Object value) {
        value == null ? 'none' : printable(JsonOutput.toJson(value))
    }

    static String base64Url(byte[] bytes) {
        Base64.urlEncoder.withoutPadding().encodeToString(bytes)
    }

    static byte[] fromBase64Url(String text) {
        Base64.urlDecoder.decode(text)
    }

    /** The text itself if a percent sign in it is none of an escape. */
    static String decoded(String text) {
        try {
            return URLDecoder.decode(text, UTF_8)
        } catch (IllegalArgumentException ignored) {
            return text
        }
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
        access_denied: 'ask the person, or the operator of the server',
        login_required: 'begin a login with startLogin()',
        state_mismatch: 'begin a new login',
        issuer_mismatch: 'check issuer, and begin a new login',
        invalid_id_token: 'begin a new login; if it stays, check issuer, client_id and the clock',
        invalid_userinfo: 'check userinfo_url',
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
    /** Where a challenge says more than the class does (RFC 6750, section 3.1). */
    private static final Map<String, String> ADVICE_ON_CHALLENGE = [
        invalid_token: 'the token has expired, was revoked or comes from another issuer',
        insufficient_scope: 'ask for a scope that allows this',
    ]

    /** One of the words above: what to do about it. */
    final String errorClass
    /** The server's {@code error} and {@code error_description} (RFC 6749, section 5.2), or null. */
    final String oauthError, oauthDescription
    /** Null if there was no answer. */
    final Integer httpStatus
    /**
     * What became of a request: {@code not_sent}, {@code no_answer} or {@code answered}; null if this is about none.
     */
    final String delivery

    static OAuthException config(String message) {
        new OAuthException('config_error', message)
    }

    OAuthException(String errorClass, String message, Integer httpStatus = null, String oauthError = null,
                   String oauthDescription = null, String delivery = null) {
        super("$errorClass: $message; ${ADVICE_ON_CHALLENGE[oauthError] ?: ADVICE[errorClass]}")
        this.errorClass = errorClass
        this.httpStatus = httpStatus
        this.oauthError = oauthError
        this.oauthDescription = oauthDescription
        this.delivery = delivery
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

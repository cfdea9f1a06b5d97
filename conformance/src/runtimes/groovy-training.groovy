// Run once when the launcher is prepared: the classes that it loads go into the archive. It does what
// samples and adapters do: an HTTP exchange with a form and an Authorization header, JSON, digests.
import com.sun.net.httpserver.HttpServer
import groovy.json.JsonException
import groovy.json.JsonOutput
import groovy.json.JsonSlurper

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.security.MessageDigest
import java.time.Duration
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

class Settings {
    final Map<String, String> env
    final URI url

    Settings(Map<String, String> env, URI url) {
        this.env = env
        this.url = url
    }

    String form(Map fields) {
        fields.findAll { it.value }.collect { "${enc(it.key)}=${enc(it.value)}" }.join('&')
    }

    private static String enc(value) { URLEncoder.encode(value.toString(), 'UTF-8') }
}

def server = HttpServer.create(new InetSocketAddress(InetAddress.getByName('127.0.0.1'), 0), 0)
server.createContext('/token') { exchange ->
    exchange.requestBody.bytes
    def body = JsonOutput.toJson([access_token: 'a', token_type: 'Bearer', expires_in: 60]).getBytes('UTF-8')
    exchange.responseHeaders.add('Content-Type', 'application/json')
    exchange.sendResponseHeaders(200, body.length)
    exchange.responseBody.withStream { it.write(body) }
}
server.start()
def pool = Executors.newCachedThreadPool { new Thread(it).tap { daemon = true } }
try {
    def settings = new Settings(System.getenv(), URI.create("http://127.0.0.1:${server.address.port}/token"))
    def client = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(Duration.ofSeconds(10))
        .build()
    def request = HttpRequest.newBuilder(settings.url)
        .timeout(Duration.ofSeconds(10))
        .header('Content-Type', 'application/x-www-form-urlencoded')
        .header('Authorization', 'Basic ' + 'id:secret'.bytes.encodeBase64())
        .POST(HttpRequest.BodyPublishers.ofString(settings.form(grant_type: 'client_credentials', scope: null)))
        .build()
    def answer = pool.submit {
        client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).get(10, TimeUnit.SECONDS)
    }.get()
    def token = new JsonSlurper().parseText(answer.body())
    def hash = MessageDigest.getInstance('SHA-256').digest(token.access_token.getBytes('UTF-8')).encodeHex().toString()
    assert token instanceof Map && hash.take(8).size() == 8
    println "token_type: ${token.token_type}, ${token.expires_in as BigDecimal}, ${hash.take(8)}"
    try {
        new JsonSlurper().parseText('<html>')
    } catch (JsonException | IllegalArgumentException expected) {
        System.err.println expected.class.simpleName
    }
} finally {
    server.stop(0)
    pool.shutdown()
}

// SPDX-License-Identifier: MIT-0
//
// Speaks the adapter protocol (docs/protocol.md) for TokenClient. No token logic of its own.

import groovy.json.*
import java.util.concurrent.*

class InvalidParams extends Exception { InvalidParams(String message) { super(message) } }
class Adapter {
    private static final Map HANDSHAKE = [
        protocol_version: 1, name: 'groovy', language: 'Groovy',
        runtime: "Groovy $GroovySystem.version, JDK ${System.getProperty('java.version')}",
        library: 'token_client.groovy', version: '0.1.0',
        capabilities: ['client_credentials', 'password', 'authorization_code', 'openid', 'refresh', 'discovery',
                       'concurrent', 'api_retry', 'store', 'shared_store']]

    private final Class tokenClient, oauthException
    private final Map clients = new ConcurrentHashMap(), logins = new ConcurrentHashMap()
    private final Set debugged = ConcurrentHashMap.newKeySet()
    private final ExecutorService pool = Executors.newCachedThreadPool()

    Adapter(File source) {
        ClassLoader own = getClass().classLoader
        boolean isCompiled = own.getResource('TokenClient.class') != null
        tokenClient = isCompiled ? own.loadClass('TokenClient') : new GroovyClassLoader(own).parseClass(source)
        oauthException = tokenClient.classLoader.loadClass('OAuthException')
    }

    /** Ends with the input. Calls that send or wait overlap; the others keep their order. */
    void serve(InputStream input) {
        input.newReader('UTF-8').eachLine { line ->
            Map message = (Map) new JsonSlurper().parseText(line)
            boolean local = message.method in ['initialize', 'client/open', 'client/close']
            if (local) answer(message) else pool.execute { answer(message) }
        }
        pool.shutdown()
        pool.awaitTermination(4, TimeUnit.SECONDS)
    }

    private void answer(Map message) {
        Map response = [jsonrpc: '2.0', id: message.id]
        try {
            Map result = call(message.method, message.params ?: [:])
            if (result != null) response.result = result else response.error = [code: -32601, message: 'unknown method']
        } catch (InvalidParams e) {
            response.error = [code: -32602, message: e.message]
        } catch (Throwable e) {
            if (oauthException.isInstance(e)) response.result = [outcome: 'error', error: reported(e)]
            else response.error = [code: -32603, message: e.toString()]
        }
        System.out.with { println(JsonOutput.toJson(response)); flush() }
    }

    private Map call(method, params) {
        switch (method) {
            case 'initialize': return HANDSHAKE
            case 'client/open': return open(param(params, 'client', String), param(params, 'config', Map))
            case 'token/get': return getToken(opened(params), params)
            case 'api/request': return request(opened(params), params)
            case 'login/start': return startLogin(opened(params), params.client)
            case 'login/finish': return finishLogin(opened(params), params)
            case 'userinfo/get': return [outcome: 'ok', claims: opened(params).userInfo()]
            case 'client/close': return close(opened(params), params.client)
        }
    }

    private Map open(String handle, Map config) {
        def client = clients[handle] = tokenClient.newInstance(config)
        if (config.debug) debugged << client
        show(client, client)
        [outcome: 'ok']
    }

    private Map close(client, handle) {
        logins.remove(handle)?.cancel()
        clients.remove(handle)
        debugged.remove(client)
        [outcome: 'ok']
    }

    private Map getToken(client, Map params) {
        if (param(params, 'force_refresh', Boolean, false)) return described(client, client.renew())
        described(client, client.token((param(params, 'min_validity', Number, false) ?: 0) as double))
    }

    private Map request(client, Map params) {
        def answer = client.request(param(params, 'method', String), param(params, 'url', String),
            param(params, 'headers', Map, false) ?: [:], param(params, 'body', String, false))
        [outcome: 'ok', status: answer.status, body: answer.body]
    }

    private Map startLogin(client, handle) {
        [outcome: 'ok', authorization_url: (logins[handle] = client.startLogin()).authorizationUrl]
    }

    private Map finishLogin(client, Map params) {
        def login = param(logins, params.client, Object)
        described(client, login.finish(param(params, 'callback_url', String, false)))
    }

    private Map described(client, token) {
        show(client, token)
        [outcome: 'ok', token_type: token.tokenType, scope: token.scope, expires_in: token.expiresIn,
         has_refresh_token: token.hasRefreshToken, has_id_token: token.hasIdToken].findAll { it.value != null }
    }

    private Map reported(error) {
        [class: error.errorClass, oauth_error: error.oauthError, oauth_description: error.oauthDescription,
         http_status: error.httpStatus, message: error.message].findAll { it.value != null }
    }

    private opened(Map params) {
        clients[param(params, 'client', String)] ?: { throw new InvalidParams('client is not open') }()
    }

    private param(Map params, String name, Class type, boolean needed = true) {
        def value = params[name]
        if (value == null ? needed : !type.isInstance(value)) throw new InvalidParams("$name: no $type.simpleName")
        value
    }

    private void show(client, object) {
        if (!(client in debugged)) return
        System.err.println("$object\n${object.inspect()}\n${object.dump()}\n${JsonOutput.toJson(object)}")
    }
}

new Adapter(new File('token_client.groovy')).serve(System.in)
System.exit(0)

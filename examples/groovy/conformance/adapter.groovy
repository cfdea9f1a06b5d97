// SPDX-License-Identifier: MIT-0
//
// Speaks the adapter protocol (docs/protocol.md) for TokenClient. No token logic of its own.

import groovy.json.*
import groovy.transform.InheritConstructors
import java.util.concurrent.*

@InheritConstructors
class InvalidParams extends Exception {
}

class Adapter {
    private final Class tokenClient, oauthException
    private final Map clients = new ConcurrentHashMap()
    private final Set debugged = ConcurrentHashMap.newKeySet()
    private final ExecutorService pool = Executors.newCachedThreadPool()

    Adapter(File source) {
        GroovyClassLoader loader = new GroovyClassLoader(getClass().classLoader)
        tokenClient = loader.parseClass(source)
        oauthException = loader.loadClass('OAuthException')
    }

    /** Calls that send something overlap; the others keep their order. */
    void serve(String line) {
        Map message = (Map) new JsonSlurper().parseText(line)
        if (message.method in ['token/get', 'api/request']) pool.execute { answer(message) } else answer(message)
    }

    void finish() {
        pool.shutdown()
        pool.awaitTermination(4, TimeUnit.SECONDS)
    }

    private void answer(Map message) {
        Map response = [jsonrpc: '2.0', id: message.id]
        try {
            Map result = call(message.method, message.params ?: [:])
            if (result) response.result = result else response.error = [code: -32601, message: 'unknown method']
        } catch (InvalidParams e) {
            response.error = [code: -32602, message: e.message]
        } catch (Throwable e) {
            if (oauthException.isInstance(e)) response.result = [outcome: 'error', error: reported(e)]
            else response.error = [code: -32603, message: e.toString()]
        }
        System.out.println(JsonOutput.toJson(response))
        System.out.flush()
    }

    private Map call(method, params) {
        switch (method) {
            case 'initialize': return description()
            case 'client/open': return open(param(params, 'client', String), param(params, 'config', Map))
            case 'token/get': return getToken(opened(params), params)
            case 'api/request': return request(opened(params), params)
            case 'client/close': return close(opened(params), params.client)
            default: return null
        }
    }

    private Map description() {
        [protocol_version: 1, name: 'groovy', language: 'Groovy',
         runtime: "Groovy $GroovySystem.version, JDK ${System.getProperty('java.version')}",
         library: 'token_client.groovy', version: '0.1.0',
         capabilities: ['client_credentials', 'refresh', 'discovery', 'concurrent', 'api_retry']]
    }

    private Map open(String handle, Map config) {
        def client = tokenClient.newInstance(config)
        clients[handle] = client
        if (config.debug) debugged << client
        show(client, client)
        [outcome: 'ok']
    }

    private Map close(client, handle) {
        clients.remove(handle)
        debugged.remove(client)
        [outcome: 'ok']
    }

    private Map getToken(client, Map params) {
        double minValidity = optional(params, 'min_validity', Number) ?: 0
        def token = optional(params, 'force_refresh', Boolean) ? client.renew() : client.token(minValidity)
        show(client, token)
        given([outcome: 'ok', token_type: token.tokenType, scope: token.scope, expires_in: token.expiresIn,
               has_refresh_token: token.hasRefreshToken, has_id_token: token.hasIdToken])
    }

    private Map request(client, Map params) {
        def answer = client.request(param(params, 'method', String), param(params, 'url', String),
            optional(params, 'headers', Map) ?: [:], optional(params, 'body', String))
        [outcome: 'ok', status: answer.status, body: answer.body]
    }

    private Map reported(error) {
        given([class: error.errorClass, oauth_error: error.oauthError, oauth_description: error.oauthDescription,
               http_status: error.httpStatus, message: error.message])
    }

    private Map given(Map members) {
        members.findAll { it.value != null }
    }

    private opened(Map params) {
        clients[param(params, 'client', String)] ?: { throw new InvalidParams('client is not open') }()
    }

    private param(Map params, String name, Class type) {
        if (params[name] == null) throw new InvalidParams("$name is missing")
        optional(params, name, type)
    }

    private optional(Map params, String name, Class type) {
        def value = params[name]
        if (value != null && !type.isInstance(value)) throw new InvalidParams("$name must be a $type.simpleName")
        value
    }

    private void show(client, object) {
        if (client in debugged) System.err.println("$object\n${object.inspect()}\n${object.dump()}\n${JsonOutput.toJson(object)}")
    }
}

Adapter adapter = new Adapter(new File('token_client.groovy'))
System.in.newReader('UTF-8').eachLine { line -> adapter.serve(line) }
adapter.finish()
System.exit(0)

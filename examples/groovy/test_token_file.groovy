// SPDX-License-Identifier: MIT-0
//
// Plays the vectors of docs/token-file.md.
// Run: groovy test_token_file.groovy

import groovy.json.JsonOutput
import groovy.json.JsonSlurperClassic

def loader = new GroovyClassLoader(getClass().classLoader)
loader.parseClass(new File('token_client.groovy'))
def (tokenFile, fileLock) = ['TokenFile', 'FileLock'].collect { loader.loadClass(it) }
def vectors = new JsonSlurperClassic().parse(new File('../../packages/core/test/vectors/token-file.json'), 'UTF-8')

int checks = 0, failed = 0
def check = { String name, seen, expected ->
    checks++
    if (seen == expected) return
    failed++
    System.err.println("failed: $name: $seen, expected $expected")
}

vectors.keys.each {
    def parts = it.parts
    def key = tokenFile.key(parts.server, parts.client_id, parts.grant, parts.user ?: '', parts.scope ?: '')
    check(it.name, key, it.key)
}

vectors.files.each { vector ->
    def bytes = vector.base64 != null ? vector.base64.decodeBase64() : vector.text.getBytes('UTF-8')
    def file = null, outcome
    try {
        file = tokenFile.parse(bytes)
        outcome = file == null ? 'damaged' : 'whole'
    } catch (e) {
        outcome = e.errorClass == 'config_error' ? 'foreign' : e.toString()
    }
    check(vector.name, outcome, vector.outcome)
    if (outcome != 'whole') return
    vector.tokens.each { key, tokens -> check("$vector.name, $key", tokenFile.membersOf(file.tokens[key]), tokens) }
    def damaged = file.tokens.findAll { key, entry -> entry != null && tokenFile.membersOf(entry) == null }
    check(vector.name, damaged.keySet().toList(), vector.damaged_entries ?: [])
}

vectors.saves.each { vector ->
    def after = tokenFile.withEntry(tokenFile.parse(vector.before.getBytes('UTF-8')), vector.key, vector.tokens)
    check(vector.name, new JsonSlurperClassic().parseText(JsonOutput.toJson(after)), vector.after)
}

vectors.locks.each { check(it.name, fileLock.isDead(it.text, it.process), it.verdict == 'dead') }

println "$checks checks, $failed failed"
System.exit(failed == 0 && checks > 0 ? 0 : 1)

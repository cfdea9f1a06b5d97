// Compiles scripts into a folder each, all in one JVM: groovy-compile.groovy <folder> <script>… A script `conformance/adapter.groovy` is compiled
// together with the client beside its folder, which it loads.
import java.security.MessageDigest
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.CompilerConfiguration

def (target, scripts) = [new File(args[0]), args.drop(1).collect { new File(it) }]
scripts.each { script ->
    def name = MessageDigest.getInstance('SHA-256').digest(script.bytes).encodeHex().toString()
    def folder = new File(target, name)
    folder.mkdirs()
    def unit = new CompilationUnit(new CompilerConfiguration(targetDirectory: folder, sourceEncoding: 'UTF-8'))
    unit.addSource(script)
    def client = new File(script.parentFile.parentFile, 'token_client.groovy')
    if (script.parentFile.name == 'conformance' && client.exists()) unit.addSource(client)
    unit.compile()
}

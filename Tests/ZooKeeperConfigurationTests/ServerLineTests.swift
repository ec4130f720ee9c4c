import Testing
import ZooKeeperConfiguration

@Suite struct ServerLineTests {
    private func read(_ text: String) throws -> ServerLine {
        let entry = try #require(try JavaProperties(Array(text.utf8)).entries.first)
        return try ServerLine(key: entry.key, value: entry.value)
    }

    /// Written as `id role host:quorum:election,... client`.
    private func shown(_ line: ServerLine) -> String {
        let addresses = line.addresses.map { "\($0.host):\($0.quorumPort):\($0.electionPort)" }
        let client = line.clientPort.map { " \(line.clientHost ?? "*")@\($0)" } ?? ""
        return "\(line.id) \(line.role) \(addresses.joined(separator: ","))\(client)"
    }

    @Test(arguments: [
        ("server.1=zk1:2888:3888", "1 participant zk1:2888:3888"),
        ("server.3= host:2888:3888", "3 participant host:2888:3888"),
        ("  server.3 : host:2888:3888  ", "3 participant host:2888:3888"),
        ("server.4=zk4:2888:3888:observer", "4 observer zk4:2888:3888"),
        ("server.4=zk4:2888:3888:PARTICIPANT;2181", "4 participant zk4:2888:3888 *@2181"),
        ("server.1=zk1:2888:3888;2181", "1 participant zk1:2888:3888 *@2181"),
        ("server.1=zk1:2888:3888;10.0.0.1:2181", "1 participant zk1:2888:3888 10.0.0.1@2181"),
        ("server.1=[fd00::1]:2888:3888;[::]:2181", "1 participant [fd00::1]:2888:3888 [::]@2181"),
        (
            "server.2=a:2888:3888|b:2889:3889:observer;2181",
            "2 observer a:2888:3888,b:2889:3889 *@2181"
        ),
        ("server.1\\=x=zk1:2888:3888", nil),
    ])
    func `A11.3 both forms are read, with blanks around them`(
        text: String,
        wanted: String?
    ) throws {
        guard let wanted else {
            #expect(throws: ServerLine.Fault.self) { try read(text) }
            return
        }
        #expect(try shown(read(text)) == wanted)
    }

    @Test(arguments: [
        ("server.one=a:1:2", "number of a server"),
        ("server.=a:1:2", "number of a server"),
        ("server.1=", "takes HOST:PORT:PORT"),
        ("server.1=here", "not 'here'"),
        ("server.1=here:2888", "not 'here:2888'"),
        ("server.1=:2888:3888", "takes HOST:PORT:PORT"),
        ("server.1=fd00::1:2888:3888", "takes HOST:PORT:PORT"),
        ("server.1=[fd00::1:2888:3888", "takes HOST:PORT:PORT"),
        ("server.1=[fd00::1]2888:3888", "takes HOST:PORT:PORT"),
        ("server.1=a:1:2:observer:3", "takes HOST:PORT:PORT"),
        ("server.1=a:1:2;3;4", "takes HOST:PORT:PORT"),
        ("server.1=a:1:2|", "takes HOST:PORT:PORT"),
        ("server.1=a:0:2", "'0' is no quorum port"),
        ("server.1=a:1:65536", "'65536' is no election port"),
        ("server.1=a:x:2", "'x' is no quorum port"),
        ("server.1=a:2888:2888", "both its quorum port and its election port"),
        ("server.1=a:1:2:voter", "'voter' is neither"),
        ("server.1=a:1:2:observer|b:1:2:participant", "one of the two"),
        ("server.1=a:1:2;", "'' is no client port"),
        ("server.1=a:1:2;x", "'x' is no client port"),
        ("server.1=a:1:2;b:c:3", "behind ; is not"),
        ("server.1=a:1:2 ;2181", "blank inside"),
        ("server.1=a: 1:2", "blank inside"),
    ])
    func `A11.3 what ZooKeeper refuses is refused, with what is wrong`(
        text: String,
        reason: String
    ) throws {
        let fault = #expect(throws: ServerLine.Fault.self) { try read(text) }
        #expect(fault?.message.contains(reason) == true, "\(fault?.message ?? "")")
    }
}

import Testing
import ZooKeeperProtocol

/// The numbers of ZooKeeper 3.8 KeeperException.Code and ZooDefs.OpCode.
@Suite struct CodeTests {
    @Test func `every error code has its number and name`() {
        let numbers: [Int32] = [
            0, -1, -2, -3, -4, -5, -6, -7, -8, -12, -13, -14, -100, -101, -102, -103, -108, -110,
            -111, -112, -113, -114, -115, -118, -119, -120, -121, -122, -123, -124, -125, -127,
        ]
        #expect(ErrorCode.known.map(\.rawValue) == numbers)
        #expect(Set(ErrorCode.known.map(\.description)).count == numbers.count)
        #expect(ErrorCode.noNode.description == "NONODE")
        #expect(ErrorCode.throttledOp.rawValue == -127)
        #expect(ErrorCode(rawValue: -9).description == "ERROR -9")
    }

    @Test func `every operation has its number`() {
        let clients: [Int32] =
            Array(1...9) + Array(11...19) + [21, 22, 100, 101] + Array(103...107)
        let served = OpCode.allCases.filter(\.isClientRequest).map(\.rawValue)
        #expect(Set(served) == Set(clients + [-11]))
        let refused = OpCode.allCases.filter { !$0.isClientRequest }.map(\.rawValue)
        #expect(Set(refused) == [0, 20, 102, -10, -1])
        #expect(OpCode(rawValue: 10) == nil)
        #expect(OpCode(rawValue: .min) == nil)
    }
}

import TestSupport
import Testing
import Wire
import ZooKeeperProtocol

/// What real peers wrote is understood, and written again to the byte.
@Suite struct GoldenFrameTests {
    @Test(arguments: GoldenFrame.all)
    func `a captured frame decodes and encodes to the same bytes`(frame: GoldenFrame) throws {
        let message = try Message(frame.bytes, as: frame.kind)
        #expect(message.bytes == frame.bytes)
        if case .request(let header, let request) = message {
            #expect(header.opCode == frame.opCode)
            #expect(request.opCode == frame.opCode)
            // The Java client counts its setWatches like ordinary requests.
            let isCounted = request.fixedXID == nil || request.fixedXID == XID.setWatches
            #expect(isCounted || request.fixedXID == header.xid)
        }
    }

    @Test func `the capture has every operation that a client can send by itself`() {
        func operations(_ isWanted: (GoldenFrame) -> Bool) -> Set<OpCode> {
            Set(GoldenFrame.all.filter(isWanted).compactMap(\.opCode))
        }
        let all = Set(OpCode.allCases.filter(\.isClientRequest)).subtracting([.check])
        #expect(operations { $0.kind == .request } == all)
        #expect(operations { $0.kind != .request } == all)
    }

    @Test func `the capture has every kind of watch event`() throws {
        var kinds: Set<WatchEvent.Kind> = []
        for frame in GoldenFrame.all where frame.kind == .event {
            guard case .event(let header, let event) = try Message(frame.bytes, as: .event) else {
                continue
            }
            #expect(header == ReplyHeader(xid: XID.event, zxid: -1))
            kinds.insert(event.type)
        }
        #expect(kinds == Set(WatchEvent.Kind.allCases))
    }

    @Test(arguments: GoldenFrame.all)
    func `every prefix is refused`(frame: GoldenFrame) {
        for count in 0..<frame.bytes.count {
            let prefix = Array(frame.bytes.prefix(count))
            // Peers before 3.4 leave the last byte of the handshake out.
            let isOldForm =
                (frame.kind == .connectRequest && count == 44)
                || (frame.kind == .connectResponse && count == 36)
            var offset: Int?
            do throws(WireError) {
                _ = try Message(prefix, as: frame.kind)
            } catch {
                offset = error.offset
            }
            #expect((offset == nil) == isOldForm)
            #expect((offset ?? 0) <= count)
        }
    }

    @Test(arguments: GoldenFrame.shortest)
    func `every single-byte change is decoded or refused`(frame: GoldenFrame) {
        var bytes = frame.bytes
        for index in bytes.indices {
            let original = bytes[index]
            for value in 0...UInt8.max where value != original {
                bytes[index] = value
                if let complaint = Message.complaint(about: bytes, as: frame.kind) {
                    Issue.record("byte \(index) set to \(value): \(complaint)")
                }
            }
            bytes[index] = original
        }
    }

    @Test(arguments: 0..<4)
    func `random changes are decoded or refused`(part: Int) throws {
        var random = Seed.generator(UInt64(part))
        for _ in 0..<50_000 {
            let frame = try #require(GoldenFrame.all.randomElement(using: &random))
            var bytes = frame.bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, &random) }
            if let complaint = Message.complaint(about: bytes, as: frame.kind) {
                Issue.record("\(complaint), seed \(Seed.current): \(bytes)")
            }
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard let index = bytes.indices.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
        case 3: bytes.removeSubrange(index...)
        default:
            // A length or count, as they stand in the way of the most.
            let value = [Int32.min, -2, -1, 0, 1, 0x7fff, .max].randomElement(using: &random) ?? 0
            for (place, shift) in zip(index..., [24, 16, 8, 0]) where place < bytes.count {
                bytes[place] = UInt8(truncatingIfNeeded: value >> Int32(shift))
            }
        }
    }
}

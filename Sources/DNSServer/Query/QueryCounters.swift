public import DNSProtocol
import Synchronization

/// What one engine did since it was made: one writer, any number of readers.
///
/// Each engine has its own, so that workers share no cache line; readers sum them.
///
/// SAFETY: `@unchecked` because of the raw memory, which holds only atomic words, is made by `init`
/// and freed by `deinit`. Only the engine's thread writes, so a load and a store count without loss.
@safe public final class QueryCounters: @unchecked Sendable {
    /// What is counted besides answers by response code.
    public enum Event: Int, CaseIterable, Sendable {
        /// Packets that came.
        case received
        /// Packets without an answer.
        case dropped
        /// Answers that were cut for size.
        case truncated
    }

    private static let rcodesAt = 8
    private static let words = 32
    private let block: UnsafeMutableRawPointer

    /// All zero.
    public init() { unsafe block = .zeroed(bytes: 8 * Self.words) }

    deinit { unsafe block.deallocate() }

    @inline(__always)
    func add(_ event: Event) { add(at: event.rawValue) }

    @inline(__always)
    func add(_ rcode: RCODE) { add(at: Self.rcodesAt + Int(min(rcode.rawValue, 23))) }

    @inline(__always)
    private func add(at index: Int) {
        let word = unsafe block.word(8 * index)
        let value = unsafe word.pointee.load(ordering: .relaxed)
        unsafe word.pointee.store(value &+ 1, ordering: .relaxed)
    }

    /// How often that happened.
    public func count(of event: Event) -> Int {
        unsafe Int(block.word(8 * event.rawValue).pointee.load(ordering: .relaxed))
    }

    /// Answers with that code; codes over 23 count as 23.
    public func count(of rcode: RCODE) -> Int {
        let index = Self.rcodesAt + Int(min(rcode.rawValue, 23))
        return unsafe Int(block.word(8 * index).pointee.load(ordering: .relaxed))
    }
}

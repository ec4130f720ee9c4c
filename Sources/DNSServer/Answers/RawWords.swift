import Synchronization

// SAFETY: the only accesses to shared words of the answer table. Each word is 8 (or 4) bytes of
// zeroed memory at an aligned offset inside a block that its caller keeps alive: the writer by
// owning it, a reader by its epoch. Atomic<UInt> has the layout of UInt, which is trivial.
extension UnsafeMutableRawPointer {
    /// Zeroed memory that belongs to the caller until it is deallocated.
    static func zeroed(bytes: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
        unsafe block.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        return unsafe block
    }

    /// The block at an address that came out of a shared word.
    @inline(__always)
    static func at(_ address: UInt) -> UnsafeMutableRawPointer? {
        unsafe UnsafeMutableRawPointer(bitPattern: address)
    }

    /// Its address, to be put into a shared word.
    @inline(__always)
    var address: UInt { UInt(bitPattern: self) }

    @inline(__always)
    func word(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
        unsafe (self + offset).assumingMemoryBound(to: Atomic<UInt>.self)
    }

    @inline(__always)
    func get<Value: BitwiseCopyable>(_ offset: Int, as type: Value.Type = Value.self) -> Value {
        unsafe loadUnaligned(fromByteOffset: offset, as: type)
    }

    @inline(__always)
    func set<Value: BitwiseCopyable>(_ offset: Int, _ value: Value) {
        unsafe storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }
}

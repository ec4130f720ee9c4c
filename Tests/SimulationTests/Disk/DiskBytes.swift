import Glibc

/// Copies of bytes that cost no more in a debug build than the copying itself: crash tests make millions.
enum DiskBytes {
    /// Part of the bytes, as far as there are any.
    static func part(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<bytes.count)
        guard range.count < bytes.count else { return bytes }
        return unsafe [UInt8](unsafeUninitializedCapacity: range.count) { target, count in
            count = range.count
            guard count > 0, let target = target.baseAddress else { return }
            // SAFETY: the range lies within the bytes, and the target has its length.
            unsafe bytes.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress else { return }
                unsafe memcpy(target, source + range.lowerBound, range.count)
            }
        }
    }

    static func zeros(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            filled = count
            guard count > 0, let target = target.baseAddress else { return }
            unsafe memset(target, 0, count)
        }
    }

    static func copy(_ span: borrowing Span<UInt8>) -> [UInt8] {
        unsafe span.withUnsafeBytes { unsafe copy($0) }
    }

    static func copy(_ source: UnsafeRawBufferPointer) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: source.count) { target, filled in
            filled = source.count
            guard let source = source.baseAddress, let target = target.baseAddress
            else { return }
            // SAFETY: the target has room for as many bytes as the source has.
            unsafe memcpy(target, source, filled)
        }
    }

    /// Cuts the bytes, or adds zeros.
    static func resize(_ bytes: inout [UInt8], to size: Int) {
        if size < bytes.count {
            bytes = part(bytes, 0..<size)
        } else if size > bytes.count {
            bytes += zeros(size - bytes.count)
        }
    }

    /// Writes a part of other bytes, nil for zeros, over a range of these.
    static func copy(
        _ source: [UInt8]?,
        from start: Int,
        to target: inout [UInt8],
        at range: Range<Int>
    ) {
        guard !range.isEmpty else { return }
        precondition(range.lowerBound >= 0 && range.upperBound <= target.count, "\(range)")
        precondition(start >= 0 && start + range.count <= source?.count ?? .max, "\(start)")
        unsafe target.withUnsafeMutableBufferPointer { target in
            guard let target = target.baseAddress else { return }
            guard let source else {
                unsafe memset(target + range.lowerBound, 0, range.count)
                return
            }
            // SAFETY: both ranges were compared with their lengths above.
            unsafe source.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress else { return }
                unsafe memcpy(target + range.lowerBound, source + start, range.count)
            }
        }
    }
}

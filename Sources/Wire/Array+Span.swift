extension [UInt8] {
    /// Appends borrowed bytes as they are, in one piece.
    ///
    /// - Complexity: O(their count), amortised over the growth of the array.
    @inlinable
    public mutating func append(copying bytes: Span<UInt8>) {
        // SAFETY: the pointer is used only inside the call, which copies as many bytes as the span says there are.
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

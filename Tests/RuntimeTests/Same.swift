import Testing

/// Compares values that come from calls on non-copyable types, which `#expect` cannot take apart.
func same<Value: Equatable>(
    _ value: Value,
    _ wanted: Value,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(value == wanted, sourceLocation: sourceLocation)
}

import ServiceModel
import Testing

@Suite struct ParametersTests {
    @Test func `what goes in comes out, empty and foreign texts too`() {
        let pairs = ["pid": "4711", "": "", "empty": "", "größe": "æ=&%", "methods": "a,b"]
        let parameters = Parameters(pairs)
        #expect(parameters.dictionary == pairs)
        #expect(!parameters.isEmpty)
        #expect(Parameters([:]).isEmpty)
        for (name, value) in pairs { #expect(parameters[name] == value) }
        #expect(parameters["pi"] == nil)
    }

    @Test func `equal pairs are equal parameters, in whatever order they came`() {
        var other: Parameters = ["b": "2"]
        other["a"] = "1"
        other["c"] = "3"
        other["c"] = nil
        let sorted = Parameters(sorted: [(name: "a", value: "1"), (name: "b", value: "2")])
        #expect(other == sorted)
        #expect(other.hashValue == sorted.hashValue)
        #expect(other == ["b": "2", "a": "1"])
        // The end of a name is told from the beginning of a value.
        #expect(Parameters(["ab": "c"]) != Parameters(["a": "bc"]))
    }
}

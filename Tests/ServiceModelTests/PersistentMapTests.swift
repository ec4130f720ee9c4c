import ServiceModel
import TestSupport
import Testing

@Suite struct PersistentMapTests {
    /// A key whose hash is chosen by the test, so that collisions can be made.
    private struct Key: Hashable {
        let name: Int
        let hashed: Int
        func hash(into hasher: inout Hasher) { hasher.combine(hashed) }
    }

    @Test(arguments: [1, 7, 1_000_000])
    func `random changes agree with a dictionary`(hashes: Int) {
        var generator = Seed.generator(UInt64(hashes))
        var map = PersistentMap<Key, Int>()
        var model: [Key: Int] = [:]
        for step in 0..<5_000 {
            let name = Int.random(in: 0..<500, using: &generator)
            let key = Key(name: name, hashed: name % hashes)
            let value = Bool.random(using: &generator) ? step : nil
            map[key] = value
            model[key] = value
            #expect(map.count == model.count)
        }
        for name in 0..<500 {
            let key = Key(name: name, hashed: name % hashes)
            #expect(map[key] == model[key])
        }
        #expect(Set(map.keys) == Set(model.keys))
        #expect(map.values.sorted() == model.values.sorted())
    }

    @Test(arguments: [1, 7, 1_000_000])
    func `made at once it is as if made one by one`(hashes: Int) {
        let keys = (0..<500).map { Key(name: $0, hashed: $0 % hashes) }
        var map = PersistentMap(unique: keys.map { ($0, $0.name) })
        #expect(map.count == 500)
        #expect(keys.allSatisfy { map[$0] == $0.name })
        #expect(map.values.sorted() == Array(0..<500))
        for key in keys.dropLast() { map[key] = nil }
        map[keys[0]] = 7
        #expect(map.count == 2)
        #expect(map[keys[499]] == 499)
        #expect(map[keys[0]] == 7)
        #expect(PersistentMap<Key, Int>(unique: []).isEmpty)
    }

    @Test func `an old copy never changes`() {
        var map = PersistentMap<Int, Int>()
        for index in 0..<1_000 { map[index] = index }
        let copy = map
        for index in 0..<1_000 { map[index] = index % 2 == 0 ? nil : -index }
        #expect(copy.count == 1_000)
        #expect((0..<1_000).allSatisfy { copy[$0] == $0 })
        #expect(map.count == 500)
        #expect(map[3] == -3)
        #expect(map[4] == nil)
    }

    @Test func `emptied again it is empty`() {
        var map = PersistentMap<Int, Int>()
        for index in 0..<100 { map[index] = index }
        for index in 0..<100 { map[index] = nil }
        #expect(map.isEmpty)
        #expect(map.keys.isEmpty)
    }
}

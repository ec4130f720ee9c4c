import DNSProtocol
import Synchronization

/// What the writer knows of one name.
///
/// SAFETY: the entry's words are read and exchanged here because the entry lives as long as its state:
/// the directory frees it only after the state is forgotten and no reader can hold it.
struct NameState {
    let entry: NameEntry
    /// State of the name above; nil for the root.
    let parent: Int?
    /// Labels of the name.
    let depth: Int
    var sets: [RecordSet] = []
    /// `declare` less `retract`.
    var declarations = 0
    /// Names one label below that exist.
    var childrenExisting = 0
    /// Names one label below that have a state.
    var childrenKnown = 0
    /// As counted in the state of the name above.
    var exists = false
    /// In the list of the next commit.
    var isTouched = false
    /// The place in the array of states is free.
    var isFree = false

    init(entry: NameEntry, parent: Int?, depth: Int) {
        (self.entry, self.parent, self.depth) = (entry, parent, depth)
    }

    /// Something makes the name exist: records, a declaration, or a name below.
    var hasReason: Bool { !sets.isEmpty || declarations > 0 || childrenExisting > 0 }

    /// Nothing would be lost without it.
    var isDead: Bool { !exists && !isTouched && childrenKnown == 0 && !isPublished }

    /// Readers see the name exist.
    var isPublished: Bool { unsafe entry.answerWord.pointee.load(ordering: .relaxed) != 0 }

    /// Address of the zone's cell, 0 for none.
    var zone: UInt { unsafe entry.zoneWord.pointee.load(ordering: .relaxed) }

    /// Lets the name belong to another zone.
    func setZone(_ cell: UInt) {
        _ = unsafe entry.zoneWord.pointee.exchange(cell, ordering: .sequentiallyConsistent)
    }

    /// Shows another block of answers, and returns the address of the one before.
    func publish(_ answer: UInt) -> UInt {
        unsafe entry.answerWord.pointee.exchange(answer, ordering: .sequentiallyConsistent)
    }

    /// Everything that the name has in the table.
    var blocks: [UInt] {
        let answer = unsafe entry.answerWord.pointee.load(ordering: .relaxed)
        return unsafe [entry.base.address, answer] + sets.flatMap(\.blocks)
    }

    /// Index of the set of that type, which is made if it is not there.
    mutating func indexOfSet(_ type: RRType, ttl: UInt32) -> Int {
        if let known = sets.firstIndex(where: { $0.type == type }) { return known }
        sets.append(RecordSet(type, ttl: ttl))
        return sets.count - 1
    }
}

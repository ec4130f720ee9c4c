public import DNSProtocol
import Synchronization

/// The one writer of an answer table: collects changes, then shows them with `commit`.
///
/// Step of the data flow: the live zone and the zone files tell it what each name has; workers see it
/// after the commit. Each name touched is published with one exchange, whatever its size. Owner: one
/// actor or thread; it may be handed over, never shared.
///
/// SAFETY: `@unchecked Sendable` because it holds addresses of blocks; it is not copyable, so they
/// move with it.
public struct AnswerTableWriter: ~Copyable, @unchecked Sendable {
    let table: AnswerTable
    var names: NameDirectory
    var retired: RetiredBlocks
    /// Number of the commit being made; blocks of this birth were not published yet.
    var birth: UInt64 = 1
    /// Names to be published by the next commit.
    var touched: [Int] = []
    var zones: [DNSName: ZoneState] = [:]
    /// Zones whose head is to be published by the next commit.
    var changedZones: Set<DNSName> = []

    struct ZoneState {
        var head: ZoneHead
        /// Address of the cell that the zone's names point to; 0 before the first commit.
        var cell: UInt = 0
        /// SOA and NS of the published block.
        var apexSets: [RecordSet] = []
    }

    /// The writer of `table`; a second one for the same table stops the process.
    public init(_ table: AnswerTable) {
        table.claimWriter()
        self.table = table
        names = NameDirectory(table: table)
        retired = RetiredBlocks(table: table)
    }

    deinit {
        table.leave(names.remainingBlocks())
        for zone in zones.values { table.leave(Self.blocks(of: zone)) }
    }

    /// Adds a record; equal rdata is counted and shows once.
    ///
    /// All records of a set have one TTL: the one that was added last.
    ///
    /// - Parameters:
    ///   - name: The owner.
    ///   - type: Any type but SOA and OPT; NS of a zone's origin belong to `setZone`.
    ///   - ttl: Seconds.
    ///   - rdata: At most 65,535 bytes, names in it uncompressed.
    ///   - source: Whether the registry's outage makes it stale.
    /// - Complexity: O(1) in the size of the set.
    public mutating func add(
        _ name: DNSName,
        _ type: RRType,
        ttl: UInt32,
        rdata: [UInt8],
        source: RecordSource = .registry
    ) {
        precondition(rdata.count <= Int(UInt16.max), "\(name) \(type) of \(rdata.count) bytes")
        let index = names.findOrInsert(name, retired: &retired)
        let set = names.states[index].indexOfSet(type, ttl: ttl)
        names.states[index].sets[set].add(
            rdata,
            ttl: ttl,
            source: source,
            birth: birth,
            retired: &retired
        )
        touch(index)
    }

    /// Takes back one `add` of the same name, type and rdata.
    ///
    /// - Parameters:
    ///   - name: The owner.
    ///   - type: The type.
    ///   - rdata: The same bytes.
    ///   - source: The same source.
    /// - Returns: False when there is no such record; then nothing changes.
    /// - Complexity: O(1) in the size of the set.
    @discardableResult
    public mutating func remove(
        _ name: DNSName,
        _ type: RRType,
        rdata: [UInt8],
        source: RecordSource = .registry
    ) -> Bool {
        guard let index = names.find(name),
            let set = names.states[index].sets.firstIndex(where: { $0.type == type }),
            names.states[index].sets[set].remove(
                rdata,
                source: source,
                birth: birth,
                retired: &retired
            )
        else { return false }
        if names.states[index].sets[set].count == 0 {
            names.states[index].sets[set].retireAll(into: &retired)
            names.states[index].sets.remove(at: set)
        }
        touch(index)
        return true
    }

    /// Makes a name exist even without records; counted.
    public mutating func declare(_ name: DNSName) {
        let index = names.findOrInsert(name, retired: &retired)
        names.states[index].declarations += 1
        touch(index)
    }

    /// Takes back one `declare`; a name that was not declared stays as it is.
    public mutating func retract(_ name: DNSName) {
        guard let index = names.find(name), names.states[index].declarations > 0 else { return }
        names.states[index].declarations -= 1
        touch(index)
    }

    /// Adds a zone or changes its head; shown by the next `commit`, after the names.
    public mutating func setZone(_ head: ZoneHead) {
        if zones[head.origin] == nil {
            declare(head.origin)
            zones[head.origin] = ZoneState(head: head)
        } else if zones[head.origin]?.head == head {
            return
        }
        zones[head.origin]?.head = head
        changedZones.insert(head.origin)
    }

    /// Takes a zone away at once; its names are refused, or belong to the zone above.
    public mutating func removeZone(_ origin: DNSName) {
        guard let zone = zones.removeValue(forKey: origin) else { return }
        changedZones.remove(origin)
        if zone.cell != 0 { names.assign(zone: nil, below: origin) }
        for block in Self.blocks(of: zone) { retired.retire(block) }
        retract(origin)
    }

    /// Shows everything since the last commit, and frees what no reader can hold any more.
    ///
    /// A name that starts to exist shows after the names above it and one that ends before them;
    /// heads of zones show last. Names that several changes touched are published once.
    ///
    /// - Complexity: O(changes); O(names) when a zone appears above names that exist.
    public mutating func commit() {
        publishNames()
        publishZones()
        birth += 1
        retired.seal()
    }

    /// Blocks that were taken out and not freed yet.
    public var retiredBlockCount: Int { retired.count }

    /// Names that exist, those without records included.
    public var nameCount: Int { names.existing }
}

// MARK: Publishing

extension AnswerTableWriter {
    /// Notes a changed name, and the names above it that begin or cease to exist with it.
    private mutating func touch(_ index: Int) {
        var index = index
        while true {
            if !names.states[index].isTouched {
                names.states[index].isTouched = true
                touched.append(index)
            }
            let exists = names.states[index].hasReason
            guard exists != names.states[index].exists else { return }
            names.states[index].exists = exists
            names.existing += exists ? 1 : -1
            guard let parent = names.states[index].parent else { return }
            names.states[parent].childrenExisting += exists ? 1 : -1
            index = parent
        }
    }

    private mutating func publishNames() {
        var (appearing, vanishing): ([Int], [Int]) = ([], [])
        for index in touched {
            names.states[index].isTouched = false
            switch (names.states[index].isPublished, names.states[index].exists) {
            case (true, true): publish(index)
            case (false, true): appearing.append(index)
            case (true, false): vanishing.append(index)
            case (false, false): break
            }
        }
        touched.removeAll(keepingCapacity: true)
        appearing.sort { names.states[$0].depth < names.states[$1].depth }
        for index in appearing { publish(index) }
        vanishing.sort { names.states[$0].depth > names.states[$1].depth }
        for index in vanishing { publish(index) }
    }

    /// Swaps the name's block for one of its present records.
    private mutating func publish(_ index: Int) {
        var address: UInt = 0
        if names.states[index].exists {
            var sets: [PublishedSet] = []
            for set in names.states[index].sets.indices {
                sets.append(names.states[index].sets[set].publish(retired: &retired))
            }
            let isFixed = names.states[index].sets.contains { $0.fixedCount > 0 }
            unsafe address = NameAnswer.make(sets: sets, isFixed: isFixed).base.address
        }
        retired.retire(names.states[index].publish(address))
    }

    private mutating func publishZones() {
        for origin in changedZones.sorted() {
            guard var zone = zones[origin] else { continue }
            for set in zone.apexSets.indices { zone.apexSets[set].retireAll(into: &retired) }
            zone.apexSets = apexSets(of: zone.head)
            var sets: [PublishedSet] = []
            for set in zone.apexSets.indices {
                sets.append(zone.apexSets[set].publish(retired: &retired))
            }
            let block = ZoneBlock.make(zone.head, apex: NameAnswer.make(sets: sets, isFixed: true))
            unsafe publish(block.base.address, of: &zone, origin: origin)
            zones[origin] = zone
        }
        changedZones.removeAll(keepingCapacity: true)
    }

    private mutating func publish(_ block: UInt, of zone: inout ZoneState, origin: DNSName) {
        let isNew = zone.cell == 0
        if isNew { unsafe zone.cell = UnsafeMutableRawPointer.zeroed(bytes: 8).address }
        // SAFETY: the cell was made above or by an earlier commit and lives as long as the zone.
        guard let cell = unsafe UnsafeMutableRawPointer.at(zone.cell) else { return }
        let old = unsafe cell.word(0).pointee.exchange(block, ordering: .sequentiallyConsistent)
        if let block = unsafe UnsafeMutableRawPointer.at(old) {
            unsafe retired.retire(ZoneBlock(base: block).apex.base.address)
        }
        retired.retire(old)
        if isNew { names.assign(zone: zone.cell, below: origin) }
    }

    private mutating func apexSets(of head: ZoneHead) -> [RecordSet] {
        var soa = RecordSet(.soa, ttl: head.soaTTL)
        soa.add(head.soa.rdata, ttl: head.soaTTL, source: .file, birth: birth, retired: &retired)
        var hosts = RecordSet(.ns, ttl: head.nameServerTTL)
        for host in head.nameServers {
            hosts.add(
                host.wire,
                ttl: head.nameServerTTL,
                source: .file,
                birth: birth,
                retired: &retired
            )
        }
        return hosts.count > 0 ? [soa, hosts] : [soa]
    }

    /// Everything that a zone has in the table.
    private static func blocks(of zone: ZoneState) -> [UInt] {
        // SAFETY: only addresses are read, from the cell and the block that the zone owns.
        guard let cell = unsafe UnsafeMutableRawPointer.at(zone.cell) else { return [] }
        let head = unsafe cell.word(0).pointee.load(ordering: .relaxed)
        var blocks = [zone.cell, head] + zone.apexSets.flatMap(\.blocks)
        if let block = unsafe UnsafeMutableRawPointer.at(head) {
            unsafe blocks.append(ZoneBlock(base: block).apex.base.address)
        }
        return blocks
    }
}

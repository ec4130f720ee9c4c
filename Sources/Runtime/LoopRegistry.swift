/// Which descriptor and timer belongs to which handler, and what each handler is to be told this turn.
///
/// Step of the data flow: between the kernel's ready list and `LoopHandler.process`. Invariants: a group
/// exists while its handler has at least one descriptor or timer or undelivered events; a descriptor's
/// stamp changes at each registration, so an event of an earlier owner of the number is dropped.
/// Owner: its loop's thread.
struct LoopRegistry {
    /// A handler and what waits for it.
    ///
    /// Event arrays are reused from turn to turn.
    struct Group {
        var handler: (any LoopHandler)?
        var references = 0
        var events: [LoopEvent] = []
    }
    private struct Registration {
        var group: Int
        var token: UInt64
        var stamp: UInt32
    }

    private var registrations: [Int32: Registration] = [:]
    private var groups: [Group] = []
    private var freeGroups: [Int] = []
    private var groupOf: [ObjectIdentifier: Int] = [:]
    private var stamps: UInt32 = 0
    /// Groups with events of this turn, in order of their first event.
    private(set) var pending: [Int] = []

    /// Descriptors registered.
    var descriptorCount: Int { registrations.count }

    /// Enters a descriptor; returns the word that the kernel shall give back with its events.
    mutating func add(_ fd: Int32, handler: any LoopHandler, token: UInt64) -> UInt64 {
        guard registrations[fd] == nil else {
            fatalError("descriptor \(fd) is registered twice; deregister it before it is closed")
        }
        stamps &+= 1
        let group = retainGroup(of: handler)
        registrations[fd] = Registration(group: group, token: token, stamp: stamps)
        return UInt64(stamps) << 32 | UInt64(UInt32(bitPattern: fd))
    }

    /// The kernel's word of a registered descriptor, or nil.
    func word(of fd: Int32) -> UInt64? {
        registrations[fd].map { UInt64($0.stamp) << 32 | UInt64(UInt32(bitPattern: fd)) }
    }

    /// Removes a descriptor; false when it is not there.
    mutating func remove(_ fd: Int32) -> Bool {
        guard let registration = registrations.removeValue(forKey: fd) else { return false }
        releaseGroup(registration.group)
        return true
    }

    /// Adds one reference to a handler's group, for a descriptor or a timer.
    mutating func retainGroup(of handler: any LoopHandler) -> Int {
        let identity = ObjectIdentifier(handler)
        if let group = groupOf[identity] {
            groups[group].references += 1
            return group
        }
        let group: Int
        if let reused = freeGroups.popLast() {
            group = reused
        } else {
            group = groups.count
            groups.append(Group())
        }
        groups[group].handler = handler
        groups[group].references = 1
        groupOf[identity] = group
        return group
    }

    /// Drops one reference; the handler is let go with the last one.
    mutating func releaseGroup(_ group: Int) {
        groups[group].references -= 1
        guard groups[group].references == 0, groups[group].events.isEmpty else { return }
        forget(group)
    }

    private mutating func forget(_ group: Int) {
        if let handler = groups[group].handler {
            groupOf[ObjectIdentifier(handler)] = nil
        }
        groups[group].handler = nil
        freeGroups.append(group)
    }

    /// Notes what the kernel reported for one word; words of closed descriptors are dropped.
    mutating func note(_ word: UInt64, readable: Bool, writable: Bool, hangup: Bool) {
        let fd = Int32(truncatingIfNeeded: word)
        guard let registration = registrations[fd], UInt64(registration.stamp) == word >> 32 else {
            return
        }
        let token = registration.token
        if readable { note(.readable(token), for: registration.group) }
        if writable { note(.writable(token), for: registration.group) }
        if hangup { note(.hangup(token), for: registration.group) }
    }

    /// Notes an event for a group.
    mutating func note(_ event: LoopEvent, for group: Int) {
        if groups[group].events.isEmpty { pending.append(group) }
        groups[group].events.append(event)
    }

    /// Hands the turn's list of groups over; `giveBack` returns its memory.
    mutating func takePending() -> [Int] {
        var taken: [Int] = []
        swap(&taken, &pending)
        return taken
    }

    /// Returns the memory of a list that `takePending` gave.
    mutating func giveBack(pending list: consuming [Int]) {
        guard pending.isEmpty else { return }
        list.removeAll(keepingCapacity: true)
        pending = list
    }

    /// Hands one group's events over, with the handler that gets them.
    mutating func take(_ group: Int) -> (handler: (any LoopHandler)?, events: [LoopEvent]) {
        let handler = groups[group].handler
        var events: [LoopEvent] = []
        swap(&events, &groups[group].events)
        if groups[group].references == 0 { forget(group) }
        return (handler, events)
    }

    /// Returns the memory of events that were delivered.
    mutating func giveBack(events: consuming [LoopEvent], to group: Int) {
        guard groups[group].events.isEmpty else { return }
        events.removeAll(keepingCapacity: true)
        groups[group].events = events
    }
}

internal import CLinux

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
        var group = 0
        var token: UInt64 = 0
        /// 0 when the descriptor is not registered.
        var stamp: UInt32 = 0
    }

    /// By descriptor: the kernel gives the lowest free number, so there are few gaps.
    private var registrations: [Registration] = []
    private var groups: [Group] = []
    private var freeGroups: [Int] = []
    private var groupOf: [ObjectIdentifier: Int] = [:]
    private var stamps: UInt32 = 0
    /// Groups with events of this turn, in order of their first event.
    private(set) var pending: [Int] = []

    /// Descriptors registered.
    private(set) var descriptorCount = 0

    /// Enters a descriptor; returns the word that the kernel shall give back with its events.
    mutating func add(_ fd: Int32, handler: any LoopHandler, token: UInt64) -> UInt64 {
        guard word(of: fd) == nil else {
            fatalError("descriptor \(fd) is registered twice; deregister it before it is closed")
        }
        while registrations.count <= Int(fd) { registrations.append(Registration()) }
        // The loop's own words have the highest stamp.
        stamps = stamps < .max - 1 ? stamps + 1 : 1
        let group = retainGroup(of: handler)
        registrations[Int(fd)] = Registration(group: group, token: token, stamp: stamps)
        descriptorCount += 1
        return UInt64(stamps) << 32 | UInt64(UInt32(bitPattern: fd))
    }

    /// The kernel's word of a registered descriptor, or nil.
    func word(of fd: Int32) -> UInt64? {
        guard registrations.indices.contains(Int(fd)) else { return nil }
        let stamp = registrations[Int(fd)].stamp
        return stamp == 0 ? nil : UInt64(stamp) << 32 | UInt64(UInt32(bitPattern: fd))
    }

    /// Removes a descriptor; false when it is not there.
    mutating func remove(_ fd: Int32) -> Bool {
        guard word(of: fd) != nil else { return false }
        let group = registrations[Int(fd)].group
        registrations[Int(fd)] = Registration()
        descriptorCount -= 1
        releaseGroup(group)
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

    /// Notes what the kernel reported; words of closed descriptors and the loop's own are dropped.
    mutating func note(_ events: ArraySlice<muster_event>) {
        for event in events {
            let index = Int(UInt32(truncatingIfNeeded: event.token))
            guard registrations.indices.contains(index) else { continue }
            let registration = registrations[index]
            guard UInt64(registration.stamp) == event.token >> 32 else { continue }
            let (token, group) = (registration.token, registration.group)
            if event.ready & UInt32(MUSTER_READABLE) != 0 { note(.readable(token), for: group) }
            if event.ready & UInt32(MUSTER_WRITABLE) != 0 { note(.writable(token), for: group) }
            if event.ready & UInt32(MUSTER_HANGUP) != 0 { note(.hangup(token), for: group) }
        }
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

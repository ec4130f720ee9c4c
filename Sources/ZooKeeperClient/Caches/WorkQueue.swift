extension CacheEngine {
    /// The reads that a cache wants, each once at a time, in the order in which they were wanted.
    ///
    /// Bounds: `Limits.batchRequestsInFlightMax` on the way; as many waiting as there are znodes.
    struct WorkQueue {
        private var waiting: [Work] = []
        /// How many of `waiting` have gone out.
        private var head = 0
        private var wanted: Set<Work> = []
        private var onTheWay: [UInt64: Work] = [:]
        /// The values of `onTheWay`, and whether they are to be read once more.
        private var isAskedAgain: [Work: Bool] = [:]
        private var tagsGiven: UInt64 = 0
        /// Nothing goes out.
        var isPaused = false

        var isEmpty: Bool { wanted.isEmpty && onTheWay.isEmpty }

        /// A read is wanted that shows what is there from now on.
        mutating func add(_ work: Work) {
            if isAskedAgain[work] != nil {
                isAskedAgain[work] = true
            } else if wanted.insert(work).inserted {
                waiting.append(work)
            }
        }

        /// A read is wanted; one on the way will do.
        mutating func addOnce(_ work: Work) { if isAskedAgain[work] == nil { add(work) } }

        mutating func next() -> (tag: UInt64, work: Work)? {
            guard !isPaused, head < waiting.count, onTheWay.count < Limits.batchRequestsInFlightMax
            else { return nil }
            let work = waiting[head]
            head += 1
            // Moving the rest costs less than what has been taken since the last time.
            if head * 2 >= waiting.count {
                waiting.removeFirst(head)
                head = 0
            }
            wanted.remove(work)
            tagsGiven += 1
            onTheWay[tagsGiven] = work
            isAskedAgain[work] = false
            return (tagsGiven, work)
        }

        /// An answer has come.
        ///
        /// - Returns: What it answers; nil for what was asked before a restart.
        mutating func finished(_ tag: UInt64) -> Work? {
            guard let work = onTheWay.removeValue(forKey: tag) else { return nil }
            if isAskedAgain.removeValue(forKey: work) == true { add(work) }
            return work
        }

        /// Forgets all, also the answers on the way.
        mutating func restart() {
            let last = tagsGiven
            self = WorkQueue()
            tagsGiven = last
        }
    }
}

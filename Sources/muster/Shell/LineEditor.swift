import CEdit
import Runtime
import Synchronization

/// The line editor of a terminal: libedit on a thread of its own, which also prints what others have to say.
///
/// Step of the data flow: from keys to lines, and from results and watch events to the screen without
/// spoiling what is being typed. Commands for it wait in a bounded queue; what happens comes out of
/// `events`. Owner of the libedit handle: the thread; all else only fills the queue.
final class LineEditor: Sendable {
    /// What the user did.
    enum Event: Sendable, Equatable {
        /// A line was typed, without its end.
        case line(String)
        /// The tabulator was pressed behind this text.
        case complete(before: String)
        /// There is no more input: Ctrl-D, or the terminal has gone.
        case end
    }
    /// What the thread has to do.
    enum Command: Sendable {
        case read
        case prompt(String)
        case show(String)
        case complete(before: String, insert: String, choices: [String])
        case interrupt
        case remember(String)
        case stop
    }
    struct Queue {
        var commands: [Command] = []
        var texts = 0
        var textsDropped = 0
    }

    /// What the user did, in order; ends with `.end`.
    let events: AsyncStream<Event>
    private let input: AsyncStream<Event>.Continuation
    private let queue = Mutex(Queue())
    private let wake: Int32
    private let thread: Mutex<WorkerThread?> = Mutex(nil)

    /// Starts the thread; nothing is read before `read`.
    ///
    /// - Parameter historyPath: File of remembered lines; need not exist.
    init(historyPath: String) {
        wake = muster_edit_wake_open()
        guard wake >= 0 else { fatalError("no descriptor is left for the line editor") }
        // One line and one completion are under way at most, and then the end.
        (events, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(16))
        let started = WorkerThread(name: "editor") { [self] in
            EditSession(editor: self, wake: wake, historyPath: historyPath).run()
        }
        thread.withLock { $0 = started }
    }

    /// Asks for a line.
    func read() { post(.read) }

    /// Sets the prompt, also of the line that is being typed.
    func prompt(_ text: String) { post(.prompt(text)) }

    /// Prints a text and a line feed above the line that is being typed.
    func show(_ text: String) {
        let isTaken = queue.withLock { queue in
            guard queue.texts < Limits.shellTextsWaitingMax else {
                queue.textsDropped += 1
                return false
            }
            queue.texts += 1
            queue.commands.append(.show(text))
            return true
        }
        if isTaken { muster_edit_wake(wake) }
    }

    /// Answers `.complete`: shows choices, then inserts; nothing if more has been typed meanwhile.
    func complete(before: String, insert: String, choices: [String]) {
        post(.complete(before: before, insert: insert, choices: choices))
    }

    /// Throws the line that is being typed away, as Ctrl-C does.
    func interrupt() { post(.interrupt) }

    /// Puts a line into the history and its file.
    func remember(_ line: String) { post(.remember(line)) }

    /// Ends the thread when all texts are printed, and gives the terminal back; returns after that.
    func stop() {
        post(.stop)
        thread.withLock { $0 }?.join()
    }

    // MARK: For the thread

    func take() -> [Command] {
        queue.withLock { queue in
            var taken: [Command] = []
            swap(&taken, &queue.commands)
            if queue.textsDropped > 0 {
                taken.append(.show("(\(queue.textsDropped) texts were dropped: too many at once)"))
            }
            (queue.texts, queue.textsDropped) = (0, 0)
            return taken
        }
    }

    func tell(_ event: Event) { input.yield(event) }

    private func post(_ command: Command) {
        queue.withLock { $0.commands.append(command) }
        muster_edit_wake(wake)
    }
}

import FoundationEssentials
import Glibc
import Runtime
import Synchronization

/// A file of znodes, read line by line as often as is wanted.
///
/// Standard input, and what `import --from` reads of a server, are kept in a file without a name first.
/// Owner: the command. All reading and writing happens on a thread that may block.
final class LineFile: Sendable {
    /// One znode of the file.
    struct Line: Sendable {
        /// From 1.
        let number: Int
        let znode: PortableZNode
    }

    fileprivate struct State: ~Copyable {
        let file: OpenFile
        var number = 0
        /// Bytes that were read and are not cut into lines yet.
        var buffer: [UInt8] = []
        /// Index of the first of them.
        var start = 0
        var isAtEnd = false
    }

    /// What it is called in messages.
    let name: String
    private let hasLines: Bool
    private let lineBytesMax: Int
    /// Where a file without a name takes its space; nil for a file with one.
    private let directory: String?
    private let state: Mutex<State>
    private let thread = BlockingThread(name: "import")

    /// Opens a file; what can be read once only, such as a pipe, is copied to a temporary one first.
    ///
    /// - Parameters:
    ///   - path: Of the file.
    ///   - requestBytesMax: What the server takes.
    /// - Returns: A file that can be read again and again.
    /// - Throws: `CommandFailure` that names the file.
    static func reading(
        _ path: String,
        requestBytesMax: Int
    ) async throws(CommandFailure) -> LineFile {
        let file = try LineFile(path, requestBytesMax: requestBytesMax)
        if file.state.withLock({ $0.file.canRewind }) { return file }
        let copy = try LineFile(
            temporary: path,
            hasLines: true,
            requestBytesMax: requestBytesMax
        )
        while case let bytes = try await file.nextBytes(), !bytes.isEmpty {
            try await copy.write(bytes)
        }
        return copy
    }

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: Of a file that can be read twice.
    ///   - requestBytesMax: What the server takes; no line needs to be longer than it makes of that.
    /// - Throws: `CommandFailure` that names the file.
    private init(_ path: String, requestBytesMax: Int) throws(CommandFailure) {
        (name, hasLines, lineBytesMax) = (path, true, Self.lineBytesMax(requestBytesMax))
        directory = nil
        do throws(OpenFile.Refusal) {
            state = Mutex(State(file: try OpenFile(reading: path)))
        } catch {
            throw CommandFailure(
                error.cause == ENOENT ? .notFound : .failure,
                "\(path) cannot be read: \(error.text)"
            )
        }
    }

    /// Makes a file without a name, below `TMPDIR` or /tmp.
    ///
    /// - Parameters:
    ///   - name: What it is called in messages.
    ///   - hasLines: False where nobody has seen the lines, so that their numbers say nothing.
    ///   - requestBytesMax: As in the other initialiser.
    /// - Throws: `CommandFailure` that names the folder.
    init(temporary name: String, hasLines: Bool, requestBytesMax: Int) throws(CommandFailure) {
        (self.name, self.hasLines) = (name, hasLines)
        lineBytesMax = Self.lineBytesMax(requestBytesMax)
        let directory = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        self.directory = directory
        do throws(OpenFile.Refusal) {
            state = Mutex(State(file: try OpenFile(temporaryIn: directory)))
        } catch {
            throw CommandFailure(
                .failure,
                "no temporary file can be made in \(directory): \(error.text)",
                advice: "name another directory with the variable TMPDIR"
            )
        }
    }

    deinit { thread.stop() }

    /// A byte may take six in JSON, and the keys need some.
    private static func lineBytesMax(_ requestBytesMax: Int) -> Int {
        6 * requestBytesMax + Limits.lineKeysBytes
    }

    /// Where a line stands, for messages.
    func place(_ number: Int) -> String { hasLines ? "\(name):\(number)" : name }

    /// Appends bytes to a temporary file.
    func write(_ bytes: [UInt8]) async throws(CommandFailure) {
        try await onThread { [self] state in try append(bytes, to: &state) }
    }

    private func append(_ bytes: [UInt8], to state: inout State) throws {
        do throws(OpenFile.Refusal) {
            try state.file.write(bytes)
        } catch {
            throw CommandFailure(
                .failure,
                "the temporary copy of \(name) in \(directory ?? name) cannot be written: \(error.text)",
                advice: "name another directory with the variable TMPDIR"
            )
        }
    }

    private func nextBytes() async throws(CommandFailure) -> [UInt8] {
        try await onThread { state in try state.file.read(Limits.fileChunkBytes) }
    }

    /// Appends all of standard input.
    func writeStandardInput() async throws(CommandFailure) {
        try await onThread { [self] state in
            let input = try OpenFile(standard: STDIN_FILENO)
            while true {
                let bytes = try input.read(Limits.fileChunkBytes)
                if bytes.isEmpty { return }
                try append(bytes, to: &state)
            }
        }
    }

    /// Starts again at the first line.
    func rewind() async throws(CommandFailure) {
        try await onThread { state in
            try state.file.rewind()
            (state.number, state.buffer, state.start, state.isAtEnd) = (0, [], 0, false)
        }
    }

    /// Reads the next lines; empty ones are passed over.
    ///
    /// - Parameters:
    ///   - countMax: Lines.
    ///   - bytesMax: After this much data no further line is read.
    /// - Returns: None at the end of the file.
    /// - Throws: `CommandFailure` that names file and line of what is no znode.
    func next(_ countMax: Int, bytesMax: Int) async throws(CommandFailure) -> [Line] {
        try await onThread { [self] state in
            var lines: [Line] = []
            var bytes = 0
            while lines.count < countMax, bytes < bytesMax {
                guard let text = try state.nextLine(bytesMax: lineBytesMax, name) else { break }
                bytes += text.count
                guard !text.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) else { continue }
                do throws(LineFault) {
                    let znode = try PortableZNode(line: text)
                    lines.append(Line(number: state.number, znode: znode))
                } catch {
                    throw CommandFailure(.failure, "\(self.place(state.number)): \(error.reason)")
                }
            }
            return lines
        }
    }

    private func onThread<Value: Sendable>(
        _ work: @escaping @Sendable (inout State) throws -> Value
    ) async throws(CommandFailure) -> Value {
        do {
            return try await thread.run { [self] in try state.withLock { try work(&$0) } }
        } catch let failure as CommandFailure {
            throw failure
        } catch let refusal as OpenFile.Refusal {
            throw CommandFailure(.failure, "\(name): \(refusal.text)")
        } catch {
            throw CommandFailure(.failure, "\(name): \(error)")
        }
    }
}

extension LineFile.State {
    /// Cuts off the next line; nil at the end.
    mutating func nextLine(bytesMax: Int, _ name: String) throws -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 10) {
                let line = Array(buffer[start..<end])
                start = end + 1
                number += 1
                return line
            }
            guard !isAtEnd else {
                guard start < buffer.count else { return nil }
                let line = Array(buffer[start...])
                start = buffer.count
                number += 1
                return line
            }
            guard buffer.count - start <= bytesMax else {
                throw CommandFailure(
                    .failure,
                    "\(name):\(number + 1): the line is longer than any znode of the server makes it",
                    advice: "a server that takes larger requests is named with --max-buffer"
                )
            }
            buffer.removeFirst(start)
            searched = buffer.count
            start = 0
            let bytes = try file.read(Limits.fileChunkBytes)
            isAtEnd = bytes.isEmpty
            buffer += bytes
        }
    }
}

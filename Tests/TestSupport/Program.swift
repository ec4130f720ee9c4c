import Foundation
import Synchronization

/// A program under test, started and ended by its own process id, its output kept.
public final class Program: Sendable {
    /// What a finished program left.
    public struct Outcome: Sendable {
        /// Exit status, or the negated signal number.
        public let status: Int32
        /// Everything it wrote to standard output.
        public let output: String
        /// Everything it wrote to standard error.
        public let errors: String
    }

    private struct Bytes {
        var output = Data()
        var errors = Data()
        /// Pipes whose end was not seen yet.
        var open = 2
    }

    /// What came; held by the threads that read the pipes too, which may outlive the program.
    private final class Kept: Sendable {
        let bytes = Mutex(Bytes())

        func text(_ part: KeyPath<Bytes, Data>) -> String {
            bytes.withLock { String(decoding: $0[keyPath: part], as: UTF8.self) }
        }
    }

    private let process: Process
    private let input = Pipe()
    private let kept = Kept()

    /// Starts a program found on PATH or by its path.
    ///
    /// - Parameters:
    ///   - words: Program and arguments, at least one word.
    ///   - environment: Variables set besides the inherited ones.
    ///   - directory: Working directory, the test's own when nil.
    /// - Throws: What `Process` says when it cannot be started.
    public init(
        _ words: [String],
        environment: [String: String] = [:],
        directory: String? = nil
    ) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        var all = ProcessInfo.processInfo.environment
        all.merge(environment) { $1 }
        process.environment = all
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        Self.follow(output, kept) { $0.output += $1 }
        Self.follow(errors, kept) { $0.errors += $1 }
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Process id.
    public var id: Int32 { process.processIdentifier }
    /// True until it ended.
    public var isRunning: Bool { process.isRunning }
    /// Everything written to standard output so far.
    public var output: String { kept.text(\.output) }
    /// Everything written to standard error so far.
    public var errors: String { kept.text(\.errors) }

    /// Writes a line to its standard input.
    public func send(_ line: String) {
        input.fileHandleForWriting.write(Data((line + "\n").utf8))
    }

    /// Closes its standard input.
    public func closeInput() { try? input.fileHandleForWriting.close() }

    /// Sends a signal to it.
    public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for its end, for a bounded time, and kills it after that.
    ///
    /// - Parameter limit: When it is killed.
    /// - Returns: Status and output; status -9 when it had to be killed.
    public func wait(within limit: Duration = .seconds(60)) async -> Outcome {
        _ = await eventually(within: limit) { !process.isRunning }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        let status = process.terminationStatus
        let signalled = process.terminationReason == .uncaughtSignal
        _ = await eventually(within: .seconds(30)) { kept.bytes.withLock { $0.open == 0 } }
        return Outcome(status: signalled ? -status : status, output: output, errors: errors)
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - words: Program and arguments.
    ///   - input: Text for its standard input.
    ///   - environment: Variables set besides the inherited ones.
    ///   - limit: When it is killed.
    /// - Returns: Status and output.
    /// - Throws: What `Process` says when it cannot be started.
    public static func run(
        _ words: [String],
        input: String = "",
        environment: [String: String] = [:],
        within limit: Duration = .seconds(60)
    ) async throws -> Outcome {
        let program = try Program(words, environment: environment)
        if !input.isEmpty { program.input.fileHandleForWriting.write(Data(input.utf8)) }
        program.closeInput()
        return await program.wait(within: limit)
    }

    /// Reads a pipe to its end, on a thread of its own: a handler that Foundation calls can miss the end.
    private static func follow(
        _ pipe: Pipe,
        _ kept: Kept,
        _ add: @escaping @Sendable (inout Bytes, Data) -> Void
    ) {
        let handle = pipe.fileHandleForReading
        Thread.detachNewThread {
            while true {
                let bytes = handle.availableData
                guard !bytes.isEmpty else { break }
                kept.bytes.withLock { add(&$0, bytes) }
            }
            kept.bytes.withLock { $0.open -= 1 }
        }
    }
}

import CEdit
import Glibc
import Telemetry

/// libedit's handle and its thread's life: lines are read on request, and texts are printed around them.
///
/// Owner: the editor's thread, from making to freeing; libedit calls back on the same thread only, while
/// `el_gets` runs.
@safe final class EditSession {
    private unowned let editor: LineEditor
    private let wake: Int32
    private let historyPath: String
    private let history: OpaquePointer?
    private var edit: OpaquePointer?
    private let hooks: UnsafeMutablePointer<muster_edit_hooks>
    private var isReading = false
    private var wantsLine = false
    /// A completion is under way: keys wait, so that it meets the text that it was asked for.
    private var isCompleting = false
    private var isStopped = false
    private var prompt = ""

    init(editor: LineEditor, wake: Int32, historyPath: String) {
        (self.editor, self.wake, self.historyPath) = (editor, wake, historyPath)
        // SAFETY: freed in `close`, behind the last use of the handle that knows it.
        unsafe hooks = UnsafeMutablePointer.allocate(capacity: 1)
        // SAFETY: the path is copied by the call.
        unsafe history = muster_history_open(Int32(Limits.shellHistoryLinesMax), historyPath)
    }

    /// The thread's body.
    func run() {
        // SAFETY: this object outlives the handle, which `close` frees before `run` returns.
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe hooks.initialize(
            to: muster_edit_hooks(
                owner: owner,
                read: { unsafe EditSession.of($0)?.nextCharacter() ?? -1 },
                complete: { unsafe EditSession.of($0)?.askForCompletion() },
                prompt: strdup("")
            )
        )
        unsafe edit = muster_edit_open(hooks, history)
        guard unsafe edit != nil else {
            StandardStreams.complain("muster: this terminal cannot be used; give lines on a pipe")
            editor.tell(.end)
            close()
            return
        }
        while !isStopped {
            if wantsLine {
                wantsLine = false
                readLine()
            } else {
                _ = muster_edit_wait(wake, 0)
                carryOut()
            }
        }
        close()
    }

    private static func of(_ owner: UnsafeMutableRawPointer?) -> EditSession? {
        // SAFETY: the pointer is the one that `run` made of the object that is running it.
        unsafe owner.map { unsafe Unmanaged<EditSession>.fromOpaque($0).takeUnretainedValue() }
    }

    private func close() {
        // SAFETY: nothing uses the handles, the prompt or the hooks behind these lines.
        if let edit = unsafe edit { unsafe el_end(edit) }
        if let history = unsafe history { unsafe history_end(history) }
        unsafe free(UnsafeMutablePointer(mutating: hooks.pointee.prompt))
        unsafe hooks.deallocate()
        unsafe edit = nil
    }

    // MARK: Reading

    private func readLine() {
        isReading = true
        var count: Int32 = 0
        unsafe el_resize(edit)
        // SAFETY: the text is libedit's until the next call; it is copied at once.
        let text = unsafe muster_edit_line(edit, &count).map { unsafe String(cString: $0) }
        isReading = false
        guard let text, count > 0 else {
            if !isStopped { write("\n") }
            editor.tell(.end)
            return
        }
        editor.tell(.line(text.hasSuffix("\n") ? String(text.dropLast()) : text))
    }

    /// Called by libedit: waits for a key, and meanwhile does what others want.
    private func nextCharacter() -> Int32 {
        while true {
            let ready = muster_edit_wait(wake, isCompleting ? 0 : 1)
            if ready & 1 != 0 { carryOut() }
            if isStopped { return -1 }
            if ready & 2 != 0 { return decoded(muster_edit_byte()) }
        }
    }

    /// A character of UTF-8 that begins with a byte; bytes that begin none stand for themselves.
    private func decoded(_ first: Int32) -> Int32 {
        let length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1
        guard length > 1 else { return first }
        var bytes = [UInt8(first)]
        while bytes.count < length {
            let next = muster_edit_byte()
            guard next >= 0 else { return -1 }
            bytes.append(UInt8(next))
        }
        let scalar = String(decoding: bytes, as: UTF8.self).unicodeScalars.first
        return scalar.map { Int32(bitPattern: $0.value) } ?? first
    }

    /// The line's text before the cursor.
    private var textBeforeCursor: String {
        // SAFETY: both pointers are into libedit's copy of the line, valid until its next call.
        unsafe el_line(edit).map { line in
            let bytes = unsafe UnsafeBufferPointer(
                start: line.pointee.buffer,
                count: line.pointee.cursor - line.pointee.buffer
            )
            return unsafe String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        } ?? ""
    }

    private func askForCompletion() {
        isCompleting = true
        editor.tell(.complete(before: textBeforeCursor))
    }

    // MARK: What others want

    private func carryOut() {
        for command in editor.take() {
            switch command {
            case .read: wantsLine = true
            case .prompt(let text): aroundLine { setPrompt(text) }
            case .show(let text): aroundLine { write(text + "\n") }
            case .complete(let before, let insert, let choices):
                complete(before, insert, choices)
            case .interrupt: interrupt()
            case .remember(let line): remember(line)
            case .stop: isStopped = true
            }
        }
    }

    private func complete(_ before: String, _ insert: String, _ choices: [String]) {
        isCompleting = false
        let isIdle = insert.isEmpty && choices.isEmpty
        guard isReading, !isIdle, textBeforeCursor == before else { return }
        aroundLine {
            if !choices.isEmpty {
                write(prompt + before + "\n" + choices.joined(separator: "  ") + "\n")
            }
            // SAFETY: the text is copied by the call.
            if !insert.isEmpty { unsafe _ = el_insertstr(edit, insert) }
        }
    }

    private func interrupt() {
        guard isReading else { return }
        isCompleting = false
        write("^C\n")
        unsafe muster_edit_clear(edit)
        unsafe muster_edit_redraw(edit)
    }

    private func remember(_ line: String) {
        guard let history = unsafe history else { return }
        // SAFETY: both texts are copied by the call.
        unsafe _ = muster_history_add(history, line, historyPath)
    }

    private func setPrompt(_ text: String) {
        prompt = text
        // SAFETY: libedit asks for the pointer at each drawing and keeps none; the old text is ours.
        unsafe free(UnsafeMutablePointer(mutating: hooks.pointee.prompt))
        unsafe hooks.pointee.prompt = UnsafePointer(strdup(text))
    }

    // MARK: The screen

    /// Takes the line that is being typed off the screen, does something, and draws the line again.
    private func aroundLine(_ body: () -> Void) {
        guard isReading else {
            body()
            return
        }
        let rows = (prompt.count + textBeforeCursor.count) / Int(muster_edit_columns())
        write("\r" + (rows > 0 ? "\u{1b}[\(rows)A" : "") + "\u{1b}[J")
        body()
        unsafe muster_edit_redraw(edit)
    }

    private func write(_ text: String) {
        print(text, terminator: "")
        StandardStreams.flush()
    }
}

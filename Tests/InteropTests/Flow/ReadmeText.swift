import Foundation

/// README.md taken apart: its fenced blocks, and the code spans of the text between them.
struct ReadmeText {
    /// A fenced block.
    struct Block {
        /// The word behind the fence, empty for none.
        let language: String
        /// The lines between the fences.
        var lines: [String] = []

        /// The block as a text.
        var text: String { lines.map { $0 + "\n" }.joined() }

        /// The commands of a `console` block, each with what stands below it.
        var commands: [(command: String, output: String)] {
            var commands: [(command: String, output: String)] = []
            for line in lines {
                if line.hasPrefix("$ ") {
                    commands.append((String(line.dropFirst(2)), ""))
                } else if !commands.isEmpty {
                    commands[commands.count - 1].output += line + "\n"
                }
            }
            return commands
        }
    }

    /// All fenced blocks in order.
    private(set) var blocks: [Block] = []
    /// What stands in backquotes outside of blocks, and the commands of blocks without a language.
    private(set) var spans: [String] = []

    /// Reads the file at the top of the checkout.
    init() throws {
        let file = Checkout.root + "/README.md"
        var open: Block?
        for line in try String(contentsOfFile: file, encoding: .utf8).components(separatedBy: "\n")
        {
            if line.hasPrefix("```") {
                if let block = open { blocks.append(block) }
                open = open == nil ? Block(language: String(line.dropFirst(3))) : nil
            } else if open != nil {
                open?.lines.append(line)
                let isCommand = line.hasPrefix("muster") || line.hasPrefix("deploy/")
                if open?.language.isEmpty == true, isCommand { spans.append(line) }
            } else {
                let pieces = line.split(separator: "`", omittingEmptySubsequences: false)
                spans += pieces.enumerated().filter { $0.offset % 2 == 1 }.map {
                    String($0.element)
                }
            }
        }
    }
}

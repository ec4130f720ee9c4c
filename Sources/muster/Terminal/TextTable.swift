/// Rows in columns, as wide as their widest cell; the last column is never padded.
struct TextTable: Sendable {
    private var rows: [[String]]

    /// A table with its headings.
    init(_ headings: String...) { rows = [headings] }

    /// Adds a row with as many cells as there are headings.
    mutating func add(_ cells: String...) { add(cells) }

    /// Adds a row with as many cells as there are headings.
    mutating func add(_ cells: [String]) { rows.append(cells.map(Terminal.printable)) }

    /// The whole table, a line feed behind each row.
    var text: String {
        let columns = rows[0].count
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == columns - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }
}

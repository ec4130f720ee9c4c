import Testing

@testable import muster

@Suite struct HTTPResponseParserTests {
    private func parse(
        _ text: String,
        by step: Int
    ) throws -> (status: Int?, body: String, ended: Bool) {
        var parser = HTTPResponseParser()
        var result = (status: Int?.none, body: [UInt8](), ended: false)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: step) {
            for event in try parser.feed(Array(bytes[start..<min(start + step, bytes.count)])) {
                switch event {
                case .head(let status): result.status = status
                case .body(let piece): result.body += piece
                case .end: result.ended = true
                }
            }
        }
        return (result.status, String(decoding: result.body, as: UTF8.self), parser.end())
    }

    @Test(arguments: [1, 2, 7, 1_000])
    func `bodies with a length, in chunks and up to the end arrive whole`(step: Int) throws {
        let head = "HTTP/1.1 200 OK\r\nServer: x\r\n"
        for (text, body) in [
            (head + "Content-Length: 5\r\n\r\nhello", "hello"),
            (head + "Content-Length: 0\r\n\r\n", ""),
            (
                head
                    + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
                "abc0123456789"
            ),
            (head + "\r\nall of it", "all of it"),
        ] {
            let parsed = try parse(text, by: step)
            #expect(parsed.status == 200)
            #expect(parsed.body == body)
            #expect(parsed.ended)
        }
    }

    @Test func `a body cut short is not complete`() throws {
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"
        #expect(try !parse(cut, by: 4).ended)
    }

    @Test(arguments: [
        "SSH-2.0-x\r\n", "HTTP/1.1 abc\r\n", String(repeating: "x", count: 20_000),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
    ])
    func `what is not HTTP is refused`(text: String) {
        #expect(throws: HTTPResponseParser.Malformed.self) { try parse(text, by: 100) }
    }
}

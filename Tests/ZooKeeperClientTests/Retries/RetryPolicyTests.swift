import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct RetryPolicyTests {
    private func pauses(_ policy: RetryPolicy, jitter: Double = 0) -> [Duration] {
        var (pauses, elapsed) = ([Duration](), Duration.zero)
        for retry in 1...100 {
            guard let pause = policy.pause(before: retry, elapsed: elapsed, jitter: jitter) else {
                break
            }
            pauses.append(pause)
            elapsed += pause
        }
        return pauses
    }

    @Test func `exponential pauses double up to their bound, and end`() {
        let policy = RetryPolicy.exponential(
            from: .milliseconds(100),
            to: .seconds(1),
            retries: 6
        )
        #expect(
            pauses(policy) == [100, 200, 400, 800, 1_000, 1_000].map { .milliseconds($0) }
        )
        #expect(pauses(policy, jitter: 0.5).first == .milliseconds(75))
        #expect(pauses(policy, jitter: 0.999).allSatisfy { $0 >= .milliseconds(50) })
        #expect(policy.pause(before: 6, elapsed: .zero, jitter: 0) == .seconds(1))
        #expect(policy.pause(before: 7, elapsed: .zero, jitter: 0) == nil)
    }

    @Test func `time, number and never are bounds of their own`() {
        #expect(pauses(.times(3, pause: .milliseconds(10))).count == 3)
        #expect(pauses(.elapsed(.milliseconds(55), pause: .milliseconds(10))).count == 5)
        #expect(pauses(.never).isEmpty)
        let both = RetryPolicy.exponential(
            from: .milliseconds(100),
            to: .seconds(5),
            retries: 50,
            elapsedMax: .seconds(1)
        )
        #expect(pauses(both) == [100, 200, 400].map { .milliseconds($0) })
    }

    @Test func `many retries overflow nothing`() {
        let policy = RetryPolicy.exponential(from: .seconds(1), to: .seconds(5), retries: .max)
        #expect(policy.pause(before: .max, elapsed: .zero, jitter: 0) == .seconds(5))
    }

    @Test func `only what is safe is repeated`() {
        let codes: [(ZooKeeperError.Code, always: Bool, ifUnknown: Bool)] = [
            (.notSent, true, true), (.sessionExpired, true, true), (.overloaded, true, true),
            (.outcomeUnknown, false, true), (.badReply, false, true), (.closed, false, false),
            (.authFailed, false, false), (.badArgument, false, false),
        ]
        for (code, always, ifUnknown) in codes {
            let error = ZooKeeperError(code, "x")
            #expect(Repetition.ifNotDone.isSafe(after: error) == always)
            #expect(Repetition.ifUnknown.isSafe(after: error) == ifUnknown)
        }
        for (code, isSafe) in [(ErrorCode.throttledOp, true), (.noNode, false)] {
            let error = ZooKeeperError(refused: code, "x")
            #expect(Repetition.ifNotDone.isSafe(after: error) == isSafe)
        }
    }
}

import Alerts
import Console

extension AlertLog {
    /// The alerts as the console's event streams want them.
    var feed: EventFeed {
        EventFeed { position, wake in
            do throws(AlertsError) {
                let reader = try self.subscribe(from: try Position(position), wake: wake)
                return .admitted(
                    EventFeed.Subscription(
                        next: { EventFeed.Next(reader.next(countMax: $0)) },
                        cancel: { reader.cancel() }
                    )
                )
            } catch {
                return error.code == .badPosition ? .badPosition(error.message) : .full
            }
        }
    }
}

extension AlertLog.Position {
    fileprivate init(_ position: EventFeed.Position) throws(AlertsError) {
        switch position {
        case .now: self = .now
        case .oldest: self = .oldest
        case .after(let text): self = .after(try EventID(text))
        }
    }
}

extension EventFeed.Next {
    fileprivate init(_ next: EventSubscription.Next) {
        switch next {
        case .nothing: self = .nothing
        case .closed(let reason): self = .closed(reason: reason)
        case .gap(let id, let reason): self = .gap(id: id.description, reason: reason)
        case .events(let events):
            self = .items(
                events.map {
                    EventFeed.Item(
                        id: $0.id.description,
                        kind: $0.kind.rawValue,
                        json: $0.json
                    )
                }
            )
        }
    }
}

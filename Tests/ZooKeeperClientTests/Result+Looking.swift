import ZooKeeperClient

extension Result where Failure == ZooKeeperError {
    /// What kind of failure it is, nil for a success.
    var code: ZooKeeperError.Code? {
        if case .failure(let error) = self { error.code } else { nil }
    }

    /// The success, nil for a failure.
    var value: Success? {
        if case .success(let value) = self { value } else { nil }
    }
}

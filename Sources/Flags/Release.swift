/// What both programs say when they are asked for their version.
public enum Release {
    /// Major, minor and patch.
    public static let version = "0.1.0"
}

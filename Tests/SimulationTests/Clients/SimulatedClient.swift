import ServiceModel

/// A program with a session; it acts when the world says so, and hears what its connections bring.
protocol SimulatedClient: AnyObject {
    /// Does something.
    func act(_ world: World) throws(Fault)
    /// Until the next act.
    func pause(_ world: World) throws(Fault) -> Duration
    /// A moment that it asked for has come.
    func alarm(_ world: World) throws(Fault)
    func established(_ connection: Int, _ world: World) throws(Fault)
    func received(_ bytes: [UInt8], on connection: Int, _ world: World) throws(Fault)
    func ended(_ connection: Int, _ world: World) throws(Fault)
    /// There will be no more acts.
    func beCalm(_ world: World) throws(Fault)
    /// Whatever it has may end now; it is judged.
    func sayFarewell(_ world: World) throws(Fault)
}

using CloudPbx.Load.Report;

namespace CloudPbx.Load.Benches;

/// <summary>Every bench there is, in the order in which they run.</summary>
internal static class AllBenches
{
    private const int RelayedCalls = 700, ConferenceParties = 100;

    public static IReadOnlyList<IBench> List { get; } =
    [
        new Comparison
        {
            Name = "edge-forward", Unit = "µs CPU per message", Rate = 5000, Goal = new Goal(0.5, GoalKind.RatioAtMost),
            Description = "one SIP message through the edge alone (UDP in, a worker's TCP link out, and the answer back); peer: Kamailio's stateless forward",
            Ours = Sides.EdgeAsync, Peer = Sides.ForwardingKamailioAsync,
        },
        new Comparison
        {
            Name = "register", Unit = "µs CPU per registration", Rate = 2000, Goal = new Goal(1.3, GoalKind.RatioAtMost),
            Description = "REGISTER, 401, REGISTER, 200 over UDP, the binding in Redis; peer: Kamailio's registrar in memory",
            Ours = Sides.RegisteringProductAsync, Peer = Sides.RegistrarKamailioAsync,
        },
        new Comparison
        {
            Name = "register-tcp", Unit = "µs CPU per registration", Rate = 2000, Goal = new Goal(1.8, GoalKind.RatioAtMost),
            Description = "the same over 50 standing TCP connections",
            Ours = cancel => Sides.StreamRegisteringProductAsync(tls: false, cancel), Peer = cancel => Sides.StreamRegistrarKamailioAsync(tls: false, cancel),
        },
        new Comparison
        {
            Name = "register-tls", Unit = "µs CPU per registration", Rate = 2000, Goal = new Goal(1.8, GoalKind.RatioAtMost),
            Description = "the same over 50 standing TLS connections",
            Ours = cancel => Sides.StreamRegisteringProductAsync(tls: true, cancel), Peer = cancel => Sides.StreamRegistrarKamailioAsync(tls: true, cancel),
        },
        new Comparison
        {
            Name = "call", Unit = "µs CPU per call", Rate = 200, Goal = new Goal(2.2, GoalKind.RatioAtMost),
            Description = "INVITE (challenged), 180, 200, ACK, BYE through edge, worker and media session, no RTP; peer: Kamailio's stateful proxy",
            Ours = Sides.CallingProductAsync, Peer = Sides.ProxyKamailioAsync,
        },
        new Comparison
        {
            Name = "call-trunk", Unit = "µs CPU per call", Rate = 200, Goal = new Goal(1.6, GoalKind.RatioAtMost),
            Description = "the same to a carrier over a trunk: outbound route, number rules, caller's number, limits; peer: Kamailio's stateful proxy",
            Ours = Sides.TrunkCallingProductAsync, Peer = Sides.ProxyKamailioAsync,
        },
        new Comparison
        {
            Name = "relay", Unit = "µs CPU per RTP packet", Rate = RelayedCalls * 100, Goal = new Goal(0.75, GoalKind.RatioAtMost), FloorGoal = 1.2,
            Description = "one RTP packet of 700 two-way calls with ports of their own; peer: rtpengine in user space; floor: a C relay",
            Ours = cancel => Sides.MediaAsync(RelayedCalls, cancel), Peer = cancel => Sides.RtpengineAsync(RelayedCalls, cancel), Floor = cancel => Sides.FloorAsync(RelayedCalls, cancel),
        },
        new Comparison
        {
            Name = "media", Unit = "µs CPU per party and frame", Rate = ConferenceParties * 50, Goal = new Goal(10, GoalKind.AtMost),
            Description = "one frame of 20 ms of one of 100 parties in a conference: received, decoded, mixed, encoded, sent (Asterisk, the peer for this, is not in Debian 12)",
            Ours = cancel => Sides.ConferenceAsync(ConferenceParties, cancel),
        },
        new Overload(),
        new Storm(),
        new MemoryBench(),
        new StartBench(),
        new Allocations(),
    ];
}
